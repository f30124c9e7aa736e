namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/token_loss.cu, kernels/token_loss_statistics.cu and kernels/token_entropy.cu.</summary>
internal static class TokenLossKernels
{
    /// <summary>Loss alone.</summary>
    public static KernelVariant Forward { get; } = new("token_loss.cu", "token_loss", "GRADIENT=0");

    /// <summary>Loss, and the gradient over the logits.</summary>
    public static KernelVariant ForwardAndBackward { get; } = new("token_loss.cu", "token_loss", "GRADIENT=1");

    /// <summary>The sums over rows.</summary>
    public static KernelVariant Statistics { get; } = new("token_loss_statistics.cu", "token_loss_statistics");

    /// <summary>The entropy of each row.</summary>
    public static KernelVariant Entropy { get; } = new("token_entropy.cu", "token_entropy");

    /// <summary>Every variant of the three files.</summary>
    public static IEnumerable<KernelVariant> All => [Forward, ForwardAndBackward, Statistics, Entropy];
}
