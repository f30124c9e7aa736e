using DftNative.Backends.Cuda;
using DftNative.Checkpoints;
using DftNative.Models;

namespace DftNative.Bench;

/// <summary>Weights of a model that has no files.</summary>
internal static class RandomWeights
{
    private const float InitialDeviation = 0.02f;

    /// <summary>
    /// Normal matrices and norms of 1, without files: one block of random numbers again and again, since billions would
    /// take the host minutes. Its length is a prime, so no two rows are alike.
    /// </summary>
    public static void Upload(CudaBackend backend, Transformer transformer)
    {
        const int period = 1048573;
        var random = new Random(1);
        var normals = new BFloat16[period];
        for (var i = 0; i < period; i++)
            normals[i] = (BFloat16)(float)(InitialDeviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        foreach (var tensor in transformer.Layout.Tensors)
        {
            var view = transformer.Parameters.Slice(tensor.Offset, tensor.Length);
            var values = normals.AsSpan();
            if (tensor.IsNormOrBias)
            {
                var constant = new BFloat16[Math.Min(period, tensor.Length)];
                constant.AsSpan().Fill(tensor.Name.EndsWith(".bias", StringComparison.Ordinal) ? BFloat16.Zero : BFloat16.One);
                values = constant;
            }

            for (long start = 0; start < tensor.Length; start += values.Length)
            {
                var count = (int)Math.Min(values.Length, tensor.Length - start);
                backend.Upload<BFloat16>(values[..count], view.Slice(start, count));
            }
        }
    }
}
