namespace DftNative.Training;

/// <summary>How the learning rate falls after the warm-up; transformers' names.</summary>
public enum LearningRateScheduleType
{
    /// <summary>In a straight line to 0 at the last step.</summary>
    Linear,

    /// <summary>Along half a cosine to 0 at the last step.</summary>
    Cosine,

    /// <summary>Not at all.</summary>
    Constant,

    /// <summary>Not at all; differs from <see cref="Constant"/> in warming up unless told otherwise.</summary>
    ConstantWithWarmup,
}
