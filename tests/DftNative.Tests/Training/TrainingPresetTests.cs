using DftNative.Data;
using DftNative.Training;

namespace DftNative.Tests.Training;

internal sealed class TrainingPresetTests
{
    [Test]
    public void TheDefaultsAreThePapersButForItsDataAndItsEnd()
    {
        var recipe = new TrainingOptions();
        TrainingPresets.Apply("numina-cot", recipe);
        var expected = new TrainingOptions
        {
            Preset = "numina-cot",
            RowForm = RowForm.ProblemSolution,
            ResponseEnd = ResponseEnd.Eos,
            MaxTrainSamples = 100_000,
            DropLast = true,
            WarmupRatio = 0.1,
        };
        foreach (var option in OptionCatalog.All) Assert.That(option.GetText(recipe), Is.EqualTo(option.GetText(expected)), option.Name);
        Assert.That(100_000 / recipe.GlobalBatchSize, Is.EqualTo(390));
    }

    [Test]
    public void AnUnknownPresetIsNamed() =>
        Assert.That(() => OptionCatalog.Set(new TrainingOptions(), "preset", "numina"), Throws.TypeOf<DftNativeException>().With.Message.Contain("there is numina-cot"));
}
