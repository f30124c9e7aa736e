using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void AdamWStep(in AdamWArguments arguments)
    {
        var length = arguments.Parameters.Length;
        RequireLength(arguments.Gradients, length, nameof(arguments.Gradients));
        RequireLength(arguments.FirstMoment, length, nameof(arguments.FirstMoment));
        RequireLength(arguments.SecondMoment, length, nameof(arguments.SecondMoment));
        var (norm, clip) = (Floats(arguments.NormAndClip)[0], Floats(arguments.NormAndClip)[1]);
        if (!float.IsFinite(norm)) return;
        var job = new AdamWJob(
            Floats(arguments.Parameters), Floats(arguments.Gradients), Floats(arguments.FirstMoment), Floats(arguments.SecondMoment), length, clip,
            arguments.Beta1, arguments.Beta2, arguments.Epsilon,
            decay: (float)(1 - ((double)arguments.LearningRate * arguments.WeightDecay)),
            stepSize: (float)(arguments.LearningRate / (1 - Math.Pow(arguments.Beta1, arguments.Step))),
            rootOfCorrection2: (float)Math.Sqrt(1 - Math.Pow(arguments.Beta2, arguments.Step)));
        pool.Run(in job, Tiles(length, AdamWJob.TileLength));
    }

    private readonly struct AdamWJob(
        float* parameters, float* gradients, float* firstMoment, float* secondMoment, long length, float clip,
        float beta1, float beta2, float epsilon, float decay, float stepSize, float rootOfCorrection2) : ITileJob
    {
        public const long TileLength = 1 << 15;

        public void Execute(int tile, int worker)
        {
            var end = Math.Min(length, (tile + 1) * TileLength);
            var i = tile * TileLength;
            var (clipVector, decayVector, stepVector) = (Vector512.Create(clip), Vector512.Create(decay), Vector512.Create(-stepSize));
            var (b1, c1, b2, c2) = (Vector512.Create(beta1), Vector512.Create(1 - beta1), Vector512.Create(beta2), Vector512.Create(1 - beta2));
            var (correction, eps) = (Vector512.Create(rootOfCorrection2), Vector512.Create(epsilon));
            for (; i <= end - SimdMath.Width; i += SimdMath.Width)
            {
                var g = Vector512.Load(gradients + i) * clipVector;
                var m = Vector512.FusedMultiplyAdd(b1, Vector512.Load(firstMoment + i), c1 * g);
                var v = Vector512.FusedMultiplyAdd(b2, Vector512.Load(secondMoment + i), c2 * g * g);
                var denominator = (Vector512.Sqrt(v) / correction) + eps;
                m.Store(firstMoment + i);
                v.Store(secondMoment + i);
                Vector512.FusedMultiplyAdd(stepVector, m / denominator, Vector512.Load(parameters + i) * decayVector).Store(parameters + i);
            }

            for (; i < end; i++)
            {
                var g = gradients[i] * clip;
                var m = MathF.FusedMultiplyAdd(beta1, firstMoment[i], (1 - beta1) * g);
                var v = MathF.FusedMultiplyAdd(beta2, secondMoment[i], (1 - beta2) * g * g);
                firstMoment[i] = m;
                secondMoment[i] = v;
                parameters[i] = MathF.FusedMultiplyAdd(-stepSize, m / ((MathF.Sqrt(v) / rootOfCorrection2) + epsilon), parameters[i] * decay);
            }
        }
    }
}
