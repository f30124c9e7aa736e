namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/token_loss.cu, and kernels/token_loss_statistics.cu.</summary>
internal static class TokenLossKernels
{
    /// <summary>Loss alone.</summary>
    public static KernelVariant Forward { get; } = new("token_loss.cu", "token_loss", "GRADIENT=0");

    /// <summary>Loss, and the gradient over the logits.</summary>
    public static KernelVariant ForwardAndBackward { get; } = new("token_loss.cu", "token_loss", "GRADIENT=1");

    /// <summary>The sums over rows.</summary>
    public static KernelVariant Statistics { get; } = new("token_loss_statistics.cu", "token_loss_statistics");

    /// <summary>Every variant of both files.</summary>
    public static IEnumerable<KernelVariant> All => [Forward, ForwardAndBackward, Statistics];
}
