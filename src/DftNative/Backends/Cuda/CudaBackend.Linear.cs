using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <content>Matrix products by cuBLASLt.</content>
public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public string? ExportPlans() => Encoding.UTF8.GetString(cublasLt.ExportPlans().ToJson());

    /// <inheritdoc/>
    public bool ImportPlans(string plans)
    {
        try
        {
            return cublasLt.ImportPlans(CublasLtPlanStore.FromJson(Encoding.UTF8.GetBytes(plans)));
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"the plans of matrix products cannot be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc cref="IBackend.LinearForward"/>
    /// <remarks>A bias is added in fp32 before the one rounding, and needs an output of compute type.</remarks>
    public void LinearForward(Matrix input, Matrix weight, Vector bias, Matrix output)
    {
        CheckShape(weight, weight.Rows, input.Columns);
        CheckShape(output, input.Rows, weight.Rows);
        if (!bias.IsEmpty)
        {
            CheckLength(bias, weight.Rows);
            if (output.DataType != ComputeType) throw new ArgumentException($"with a bias the output must be {ComputeType}", nameof(output));
        }

        if (input.Rows == 0) return;
        cublasLt.Multiply(
            Operand(input, ComputeType), false, Operand(weight, ComputeType), true, Operand(output, output.DataType), accumulate: false,
            bias.IsEmpty ? default : Pointer(bias, ComputeType));
    }

    /// <inheritdoc cref="IBackend.LinearInputGradient"/>
    public void LinearInputGradient(Matrix outputGradient, Matrix weight, Matrix inputGradient)
    {
        CheckShape(weight, outputGradient.Columns, weight.Columns);
        CheckShape(inputGradient, outputGradient.Rows, weight.Columns);
        if (outputGradient.Rows == 0) return;
        cublasLt.Multiply(
            Operand(outputGradient, ComputeType), false, Operand(weight, ComputeType), false, Operand(inputGradient, ComputeType));
    }

    /// <inheritdoc cref="IBackend.LinearWeightGradient"/>
    public void LinearWeightGradient(Matrix outputGradient, Matrix input, Matrix weightGradient, Vector biasGradient)
    {
        CheckShape(input, outputGradient.Rows, input.Columns);
        CheckShape(weightGradient, outputGradient.Columns, input.Columns);
        if (outputGradient.Rows == 0) return;
        if (GradientType(weightGradient.Buffer) == DataType.BFloat16)
        {
            AddRoundedWeightGradient(outputGradient, input, weightGradient);
        }
        else
        {
            cublasLt.Multiply(
                Operand(outputGradient, ComputeType), true, Operand(input, ComputeType), false, Operand(weightGradient, DataType.Float32),
                accumulate: true);
        }

        if (!biasGradient.IsEmpty) AddColumnSums(outputGradient, biasGradient);
    }

    /// <summary>A matrix for cuBLASLt, which takes any alignment (a slower algorithm where it is not that of a packet).</summary>
    private CublasLtMatrix Operand(Matrix view, DataType dataType, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        if (view.Buffer is null || view.DataType != dataType) throw new ArgumentException($"{operand} must be {dataType}", operand);
        var type = dataType switch
        {
            DataType.BFloat16 => cudaDataType.CUDA_R_16BF,
            DataType.Float32 => cudaDataType.CUDA_R_32F,
            _ => throw new ArgumentException($"{operand} is {dataType}, and must be bf16 or fp32", operand),
        };
        var address = MemoryOf(view.Buffer).DevicePointer + (view.Offset * dataType.SizeInBytes());
        return new CublasLtMatrix(address, view.Rows, view.Columns, view.RowStride, type);
    }
}
