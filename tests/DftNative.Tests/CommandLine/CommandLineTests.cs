namespace DftNative.Tests.CommandLine;

/// <summary>What is said to a user who mistypes.</summary>
[NonParallelizable]
public sealed class CommandLineTests
{
    [TestCase("unknown option '--lerning_rate'; did you mean '--learning_rate'?", "train", "--lerning_rate", "1")]
    [TestCase("unknown option '--lerning_rate'; did you mean '--learning_rate'?", "train", "--data", "d", "--lerning_rate", "1")]
    [TestCase("unknown option '--dft_exponnt'; did you mean '--dft_exponent'?", "check-gradients", "--model", "m", "--data", "d", "--dft_exponnt", "1")]
    [TestCase("unknown command 'trian'; did you mean 'train'?", "trian")]
    [TestCase("unknown command 'frobnicate'; try 'dftnative --help'", "frobnicate")]
    [TestCase("unknown option '--xyzzy'; try 'dftnative train --help'", "train", "--xyzzy", "3")]
    [TestCase("unknown option '--top_p': it is one of generate, eval, and not of train", "train", "--top_p=0.9")]
    [TestCase("batch_size is replaced by two numbers: global_batch_size", "train", "--batch_size", "3")]
    [TestCase("lr is called learning_rate here", "train", "--lr", "3")]
    [TestCase("global_batch_size", "train", "--per_device_train_batch_size", "4")]
    [TestCase("global_batch_size", "train", "--gradient-accumulation-steps", "4")]
    [TestCase("not supported yet", "check-gradients", "--author_compat", "true")]
    [TestCase("focal_gamma 3 has no effect with loss_type dft: it is an option of focal", "check-gradients", "--model", "m", "--data", "d", "--focal_gamma", "3")]
    [TestCase("not a number", "train", "--learning_rate", "nan")]
    [TestCase("--learning_rate", "train", "--learning_rate")]
    [TestCase("--model and --data and --output must be given", "train")]
    [TestCase("--data must be given", "check-gradients", "--model", "m")]
    [TestCase("tolerance", "check-gradients", "--model", "m", "--data", "d", "--tolerance", "0")]
    [TestCase("precision lean needs a GPU", "check-gradients", "--model", "m", "--data", "d", "--device", "cpu", "--precision", "lean")]
    [TestCase("cannot read the configuration", "train", "--config", "no-such.yaml")]
    [TestCase("--help")]
    public void AMistakeIsOneLineAndExitStatus2(string message, params string[] args)
    {
        var (exitCode, _, error) = Run(args);
        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.EqualTo((int)ExitCode.Usage));
            Assert.That(error, Does.StartWith("error: ").And.Contain(message));
            Assert.That(error.Trim(), Does.Not.Contain('\n'));
        });
    }

    [TestCase("train", "--learning_rate", "--micro_batch_tokens", "--config")]
    [TestCase("check-gradients", "--tolerance", "--dump", "--loss_type", "--recompute")]
    public void HelpListsTheOptions(string command, params string[] options)
    {
        var (exitCode, output, _) = Run(command, "--help");
        Assert.That(exitCode, Is.Zero);
        foreach (var option in options) Assert.That(output, Does.Contain(option));
    }

    [Test]
    public void HyphensAndEqualsSignsAreTaken()
    {
        var (exitCode, _, error) = Run("train", "--learning-rate=1e-3", "--model", "m", "--data", "a", "b", "--output", "o", "--device=nowhere");
        Assert.That((exitCode, error.Contains("device: 'nowhere'", StringComparison.Ordinal)), Is.EqualTo(((int)ExitCode.Usage, true)), error);
    }

    [Test]
    public void TheCommandLineGoesBeforeTheFile()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "device: fromfile\n");
            var required = new[] { "train", "--config", path, "--model", "m", "--data", "d", "--output", "o" };
            Assert.Multiple(() =>
            {
                Assert.That(Run(required).Error, Does.Contain("'fromfile'"));
                Assert.That(Run([.. required, "--device", "fromline"]).Error, Does.Contain("'fromline'"));
            });
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void DoctorSaysWhatItFinds()
    {
        var (exitCode, output, _) = Run("doctor");
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Contain("cores").And.Contain("device cpu").And.Contain("GEMM by"));
    }

    [Test]
    public void DoctorSaysHowToGetOpenBlasWhereItIsNotUsed()
    {
        const string Variable = "DFTNATIVE_OPENBLAS";
        var before = Environment.GetEnvironmentVariable(Variable);
        try
        {
            Environment.SetEnvironmentVariable(Variable, "none");
            Assert.That(Run("doctor").Output, Does.Contain("apt-get install libopenblas0-pthread"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }

    private static (int ExitCode, string Output, string Error) Run(params string[] args)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var capturedOutput = new StringWriter();
        using var capturedError = new StringWriter();
        try
        {
            Console.SetOut(capturedOutput);
            Console.SetError(capturedError);
            return (Train.CommandLine.Run(args), capturedOutput.ToString(), capturedError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
