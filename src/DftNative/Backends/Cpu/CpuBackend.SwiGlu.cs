using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void SwiGluForward(Matrix gateUp, Matrix output)
    {
        RequireShape(gateUp, output.Rows, 2 * output.Columns, nameof(gateUp));
        var job = new SwiGluForwardJob(Floats(gateUp), gateUp.RowStride, Floats(output), output.RowStride, output.Rows, output.Columns);
        pool.Run(in job, Tiles(output.Rows, SwiGluForwardJob.TileRows));
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Matrix outputGradient, Matrix gateUp, Matrix gateUpGradient, Matrix output)
    {
        RequireShape(gateUp, outputGradient.Rows, 2 * outputGradient.Columns, nameof(gateUp));
        RequireShape(gateUpGradient, outputGradient.Rows, 2 * outputGradient.Columns, nameof(gateUpGradient));
        if (!output.IsEmpty) RequireShape(output, outputGradient.Rows, outputGradient.Columns, nameof(output));
        var job = new SwiGluBackwardJob(
            Floats(outputGradient), outputGradient.RowStride, Floats(gateUp), gateUp.RowStride, Floats(gateUpGradient), gateUpGradient.RowStride,
            output.IsEmpty ? null : Floats(output), output.RowStride, outputGradient.Rows, outputGradient.Columns);
        pool.Run(in job, Tiles(outputGradient.Rows, SwiGluForwardJob.TileRows));
    }

    private readonly struct SwiGluForwardJob(float* gateUp, long gateUpStride, float* output, long outputStride, int rows, int columns) : ITileJob
    {
        public const int TileRows = 16;

        public void Execute(int tile, int worker)
        {
            for (var row = tile * TileRows; row < Math.Min(rows, (tile + 1) * TileRows); row++)
            {
                var gate = gateUp + (row * gateUpStride);
                var up = gate + columns;
                var result = output + (row * outputStride);
                var i = 0;
                for (; i <= columns - SimdMath.Width; i += SimdMath.Width)
                {
                    var g = Vector512.Load(gate + i);
                    (g * SimdMath.Sigmoid(g) * Vector512.Load(up + i)).Store(result + i);
                }

                if (i == columns) continue;
                var tail = SimdMath.LoadPartial(gate + i, columns - i);
                SimdMath.StorePartial(tail * SimdMath.Sigmoid(tail) * SimdMath.LoadPartial(up + i, columns - i), result + i, columns - i);
            }
        }
    }

    private readonly struct SwiGluBackwardJob(
        float* outputGradient, long outputGradientStride, float* gateUp, long gateUpStride, float* gateUpGradient, long gradientStride,
        float* output, long outputStride, int rows, int columns) : ITileJob
    {
        public void Execute(int tile, int worker)
        {
            for (var row = tile * SwiGluForwardJob.TileRows; row < Math.Min(rows, (tile + 1) * SwiGluForwardJob.TileRows); row++)
            {
                var gate = gateUp + (row * gateUpStride);
                var up = gate + columns;
                var gradient = outputGradient + (row * outputGradientStride);
                var result = output is null ? null : output + (row * outputStride);
                var gateGradient = gateUpGradient + (row * gradientStride);
                var upGradient = gateGradient + columns;
                var i = 0;
                for (; i <= columns - SimdMath.Width; i += SimdMath.Width)
                {
                    var (g, u) = (Vector512.Load(gate + i), Vector512.Load(up + i));
                    var (dGate, dUp) = Backward(Vector512.Load(gradient + i), g, u);
                    dGate.Store(gateGradient + i);
                    dUp.Store(upGradient + i);
                    if (result is not null) (g * SimdMath.Sigmoid(g) * u).Store(result + i);
                }

                if (i == columns) continue;
                var count = columns - i;
                var (tail, tailUp) = (SimdMath.LoadPartial(gate + i, count), SimdMath.LoadPartial(up + i, count));
                var (tailGradient, tailUpGradient) = Backward(SimdMath.LoadPartial(gradient + i, count), tail, tailUp);
                SimdMath.StorePartial(tailGradient, gateGradient + i, count);
                SimdMath.StorePartial(tailUpGradient, upGradient + i, count);
                if (result is not null) SimdMath.StorePartial(tail * SimdMath.Sigmoid(tail) * tailUp, result + i, count);
            }
        }

        private static (Vector512<float> Gate, Vector512<float> Up) Backward(Vector512<float> dy, Vector512<float> gate, Vector512<float> up)
        {
            var sigmoid = SimdMath.Sigmoid(gate);
            var silu = gate * sigmoid;
            return (dy * up * (sigmoid + (silu * (Vector512<float>.One - sigmoid))), dy * silu);
        }
    }
}
