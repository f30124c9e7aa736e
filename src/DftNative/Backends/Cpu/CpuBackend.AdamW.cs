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
            AdamWCoefficients.Of(arguments));
        pool.Run(in job, Tiles(length, AdamWJob.TileLength));
    }

    private readonly struct AdamWJob(
        float* parameters, float* gradients, float* firstMoment, float* secondMoment, long length, float clip,
        AdamWCoefficients c) : ITileJob
    {
        public const long TileLength = 1 << 15;

        public void Execute(int tile, int worker)
        {
            var end = Math.Min(length, (tile + 1) * TileLength);
            var i = tile * TileLength;
            var (clipVector, decayVector, stepVector) = (Vector512.Create(clip), Vector512.Create(c.Decay), Vector512.Create(-c.StepSize));
            var (b1, c1, b2, c2) = (Vector512.Create(c.Beta1), Vector512.Create(c.OneMinusBeta1), Vector512.Create(c.Beta2), Vector512.Create(c.OneMinusBeta2));
            var (correction, eps) = (Vector512.Create(c.RootOfCorrection2), Vector512.Create(c.Epsilon));
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
                var m = MathF.FusedMultiplyAdd(c.Beta1, firstMoment[i], c.OneMinusBeta1 * g);
                var v = MathF.FusedMultiplyAdd(c.Beta2, secondMoment[i], c.OneMinusBeta2 * g * g);
                firstMoment[i] = m;
                secondMoment[i] = v;
                parameters[i] = MathF.FusedMultiplyAdd(-c.StepSize, m / ((MathF.Sqrt(v) / c.RootOfCorrection2) + c.Epsilon), parameters[i] * c.Decay);
            }
        }
    }
}
