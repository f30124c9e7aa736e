namespace DftNative.Training;

/// <summary>What an evaluation by sampled answers found.</summary>
/// <param name="SampleCount">Samples a problem.</param>
/// <param name="Average">Share of samples that are right.</param>
/// <param name="CutOffShare">Share of samples that were ended by a limit.</param>
/// <param name="MeanTokens">Tokens of a sample.</param>
public sealed record AnswerMetrics(int SampleCount, double Average, double CutOffShare, double MeanTokens)
{
    /// <summary>The values by name, as files have them.</summary>
    public IEnumerable<(string Name, double Value)> Values => [($"average@{SampleCount}", Average), ("cut_off", CutOffShare), ("tokens", MeanTokens)];
}
