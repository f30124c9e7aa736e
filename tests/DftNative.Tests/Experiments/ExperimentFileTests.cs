using DftNative.Experiments;
using DftNative.Losses;

namespace DftNative.Tests.Experiments;

public sealed class ExperimentFileTests
{
    private const string Grid = "losses: [sft, dft]\nlearning_rates: [1e-3, 5e-4]\nbatch_sizes: [16]\nseeds: [1, 2]\n";

    [Test]
    public void AFileIsAGridOfRuns()
    {
        var experiment = Read("task: addition\ndemonstrations: 64\nwrong_step_share: 0\nweight_decay: 0.1\n" + Grid);
        var cells = experiment.Grids.Single().Cells(best: null).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(experiment.CellCount, Is.EqualTo(8));
            Assert.That(cells.Select(cell => cell.Name), Is.EqualTo(new[]
            {
                "sft-lr0.001-b16-s1", "dft-lr0.001-b16-s1", "sft-lr0.001-b16-s2", "dft-lr0.001-b16-s2",
                "sft-lr0.0005-b16-s1", "dft-lr0.0005-b16-s1", "sft-lr0.0005-b16-s2", "dft-lr0.0005-b16-s2",
            }));
            var options = experiment.OptionsOf(cells[1]);
            Assert.That((options.LossType, options.LearningRate, options.GlobalBatchSize, options.Seed, options.WeightDecay), Is.EqualTo((LossType.Dft, 1e-3, 16, 1L, 0.1)));
            Assert.That(experiment.Task!.WrongStepShare, Is.Zero);
        });
    }

    [Test]
    public void ALaterGridTakesTheBestSettingOfAnEarlierLoss()
    {
        var experiment = Read("""
            task: recall
            facts: 8
            grids:
              - losses: [sft, dft]
                learning_rates: [1e-3]
                batch_sizes: [16, 32]
                seeds: [1]
              - best_of: dft
                losses:
                  - {name: half, loss_type: dft, dft_exponent: 0.5}
                  - focal
                seeds: [1, 2, 3]
            """);
        var best = new ExperimentSetting(experiment.Losses[1], 1e-3, 32);
        Assert.Multiple(() =>
        {
            Assert.That(experiment.CellCount, Is.EqualTo(4 + 6));
            Assert.That(experiment.Grids[1].Cells(best).First().Name, Is.EqualTo("half-lr0.001-b32-s1"));
            Assert.That(experiment.OptionsOf(experiment.Grids[1].Cells(best).First()).DftExponent, Is.EqualTo(0.5));
            Assert.That(experiment.Describe(experiment.Losses[2])["dft_exponent"], Is.EqualTo("0.5"));
            Assert.That(experiment.Describe(experiment.Losses[1]).Keys, Does.Contain("facts").And.Not.Contain("wrong_step_share").And.Not.Contain("max_length"));
        });
    }

    [TestCase("task: addition\n", "nothing to run")]
    [TestCase("task: addition\nlosses: [sft]\nlearning_rates: [1e-3]\nbatch_sizes: [16]\n", "seeds has no value")]
    [TestCase("task: addition\nlosses: [sft]\nlearning_rates: []\nbatch_sizes: [16]\nseeds: [1]\n", "learning_rates has no value")]
    [TestCase("task: addition\nlosses: [sfd]\n", "line 2: loss_type: 'sfd' is not one of sft, dft")]
    [TestCase("task: addition\nlosses: [sft, sft]\nlearning_rates: [1e-3]\nbatch_sizes: [16]\nseeds: [1]\n", "sft is given twice")]
    [TestCase("task: addition\nlosses: [sft]\nlearning_rates: [1e-3, 0.001]\nbatch_sizes: [16]\nseeds: [1]\n", "0.001 is given twice")]
    [TestCase("task: addition\nlosses: [sft]\nlearning_rates: [fast]\n", "line 3: learning_rates: 'fast' is not a number")]
    [TestCase("task: addition\nbatch_size: [16]\n", "line 2: unknown key 'batch_size'; did you mean 'batch_sizes'?")]
    [TestCase("task: addition\ngrids:\n- losess: [sft]\n", "line 3: unknown key 'losess' of a grid; did you mean 'losses'?")]
    [TestCase("task: addition\nlosses: [{loss_type: dft, exponent: 2}]\n", "did you mean 'dft_exponent'?")]
    [TestCase("task: addition\nlosses: [{name: x}]\n", "no loss_type")]
    [TestCase("task: addition\nlosses: [{name: ../x, loss_type: dft}]\n", "'../x'")]
    [TestCase("task: addition\nlosses: [{name: a, loss_type: sft, dft_exponent: 2}]\nlearning_rates: [1]\nbatch_sizes: [1]\nseeds: [1]\n", "a: dft_exponent 2 has no effect with loss_type sft")]
    [TestCase("task: addition\nlosses: [{loss_type: dft}, {loss_type: dft, dft_exponent: 2}]\nlearning_rates: [1]\nbatch_sizes: [1]\nseeds: [1]\n", "dft is given twice")]
    [TestCase("task: subtraction\n", "line 1: task: 'subtraction' is not one of addition, recall")]
    [TestCase("task: addition\nfacts: 3\n" + Grid, "line 2: facts is not a setting of the task addition")]
    [TestCase("task: recall\nfacts: 401\n" + Grid, "line 2: facts: '401' is not an integer from 1 to 400")]
    [TestCase("task: addition\nwrong_step_share: 1.5\n" + Grid, "not a number in [0, 1]")]
    [TestCase("task: addition\ndemonstrations: 50\n" + Grid, "50 is not a multiple of the batch size 16")]
    [TestCase("task: addition\nlearning_rate: 1e-3\n" + Grid, "line 2: learning_rate is set by learning_rates")]
    [TestCase("task: addition\ndft_exponent: 1\n" + Grid, "line 2: dft_exponent belongs to a loss")]
    [TestCase("task: addition\nmax_length: 10\n" + Grid, "line 2: max_length is for a model")]
    [TestCase("problems: 3\n" + Grid, "line 1: problems is for a task")]
    [TestCase(Grid, "give a task (addition, recall), or model, data and eval_data")]
    [TestCase("model: x\ndata: [y]\n" + Grid, "eval_data is missing")]
    [TestCase("task: addition\nsamples: 4\n" + Grid, "line 2: samples is for a model")]
    [TestCase("model: x\ndata: [y]\neval_data: [z]\nsamples: 4\n" + Grid, "benchmarks is missing")]
    [TestCase("model: x\neval_generate_steps: 4\n", "line 2: eval_generate_steps is for train")]
    [TestCase("model: x\nprompt_style: rude\n", "line 2: prompt_style: 'rude' is not one of qwen-boxed")]
    [TestCase("task: addition\ngrids:\n- losses: [sft]\n  best_of: dft\n  seeds: [1]\n", "dft is not a loss of an earlier grid")]
    [TestCase("task: addition\nproblems: 3\nproblems: 3\n" + Grid, "line 3: problems is given twice")]
    [TestCase("task: \"a", "not YAML")]
    [TestCase("grids:\n- losses: [sft, {name: half, x: 0. l: [1e-3, 5e-4]\n  batch_sizes: [16]\n  seeds: [1, 2]\n", "line 2: not YAML")]
    [TestCase("task: addition\n" + Grid + "grids:\n- losses: [sft]\n", "not both")]
    [TestCase("task: addition\ngrids:\n- {losses: [sft], learning_rates: [1], batch_sizes: [1], seeds: [1]}\n- {losses: [sft, dft], learning_rates: [1], batch_sizes: [1], seeds: [1]}\n", "the run 'sft, learning rate 1, batch 1, seed 1' is in two grids")]
    [TestCase("task: addition\ngrids:\n- {losses: [sft], learning_rates: [1], batch_sizes: [1], seeds: [1]}\n- {best_of: sft, losses: [dft], seeds: [1]}\n- {losses: [dft], learning_rates: [1], batch_sizes: [1], seeds: [1]}\n", "best_of: dft is in another grid too")]
    [TestCase("task: addition\nlosses: [sft]\nbatch_sizes: [16]\nseeds: [1]\nlearning_rates: [1e-3, 0]\n", "learning_rates: 0 would leave the model as it is")]
    [TestCase("task: addition\nlosses: [sft]\nlearning_rates: [-1e-3]\n", "line 3: learning_rates: -1e-3 is out of range")]
    [TestCase("task: addition\nlosses: [sft]\nlearning_rates: [.nan]\n", "line 3: learning_rates: '.nan' is not a number")]
    [TestCase("task: addition\nlosses: [sft]\nbatch_sizes: [16, 0]\n", "line 3: batch_sizes: 0 is out of range")]
    [TestCase("task: addition\nlosses: [sft]\nbatch_sizes: [16]\nseeds: [-1]\n", "line 4: seeds: -1 is out of range")]
    [TestCase("task: addition\nlosses: [sft]\nbatch_sizes: [16]\nseeds: [3, 3]\nlearning_rates: [1e-3]\n", "seeds: 3 is given twice")]
    [TestCase("task: addition\nlosses: []\nbatch_sizes: [16]\nseeds: [1]\nlearning_rates: [1e-3]\n", "losses has no value")]
    [TestCase("task: addition\ngrids: []\n", "nothing to run")]
    [TestCase("model: x\nload_best_model_at_end: true\n", "line 2: load_best_model_at_end is for train; a comparison measures every run by its last step's model")]
    [TestCase("model: x\ndata: [y]\neval_data: [z]\nbenchmarks: [math500, math500]\n" + Grid, "benchmarks: math500 is given twice")]
    public void AMistakeIsNamed(string text, string message)
    {
        var error = Assert.Throws<DftNativeException>(() => Read(text))!;
        Assert.Multiple(() =>
        {
            Assert.That(error.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(error.Message, Does.StartWith("grid.yaml").And.Contain(message).And.Not.Contain("\n"));
        });
    }

    /// <summary>Files with pieces lost, doubled and exchanged: each is an experiment or an error of one line.</summary>
    [Test]
    public void ADamagedFileIsAnExperimentOrAnError()
    {
        string[] pieces =
        [
            "[", "]", "{", "}", ":", ",", "-", "~", "*a", "&a ", "'", "\"", "|\n", "\t", "? ", "<<", "!!x ", "#", "\0", "é", "-1", "0", "nan", "1e400", "99999999999", "sft", "grids", "name", "\n", " ",
        ];
        const string Whole = "task: addition\ndemonstrations: 64\nweight_decay: 0.1\ngrids:\n- losses: [sft, {name: half, loss_type: dft, dft_exponent: 0.5}]\n  learning_rates: [1e-3, 5e-4]\n  batch_sizes: [16]\n  seeds: [1, 2]\n- {best_of: half, losses: [focal], seeds: [1]}\n";
        var random = new Random(1);
        var refused = 0;
        for (var trial = 0; trial < 2000; trial++)
        {
            var text = Whole;
            for (var fault = random.Next(1, 4); fault > 0; fault--)
            {
                var (start, length) = (random.Next(text.Length), random.Next(6));
                text = text[..start] + (random.Next(3) > 0 ? pieces[random.Next(pieces.Length)] : "") + text[Math.Min(text.Length, start + length)..];
            }

            try
            {
                _ = Read(text).CellCount;
            }
            catch (DftNativeException exception)
            {
                refused++;
                Assert.That((exception.ExitCode, exception.Message.Contains('\n'), exception.Message.StartsWith("grid.yaml", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Usage, false, true)), text);
            }
            catch (Exception exception)
            {
                Assert.Fail($"{exception} of\n{text}");
            }
        }

        Assert.That(refused, Is.InRange(1000, 1999), "some are still experiments");
    }

    private static Experiment Read(string text) => ExperimentFile.Read(new StringReader(text), "grid.yaml");
}
