using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Models;
using DftNative.Training;

namespace DftNative.Experiments;

/// <summary>
/// Runs a comparison: what is finished is kept, so that one that was interrupted, or killed, goes on when it is run again;
/// grids and seeds may be added meanwhile. Prints nothing.
/// </summary>
public sealed class ExperimentRunner
{
    private readonly Experiment experiment;
    private readonly IExperimentSubject subject;
    private readonly ExperimentDirectory directory;
    private readonly Func<IBackend> openBackend;
    private readonly int jobs;
    private readonly Dictionary<string, CellResult> results = new(StringComparer.Ordinal);
    private readonly List<ExperimentCell> cells = [];
    private readonly object gate = new();

    /// <summary>A runner of one comparison.</summary>
    /// <param name="experiment">What to run.</param>
    /// <param name="subject">What its runs train; not owned.</param>
    /// <param name="output">Gets compare.json, report.html, compare.svg and runs/.</param>
    /// <param name="openBackend">Opens the device; called once for each of <paramref name="jobs"/>.</param>
    /// <param name="jobs">Runs at once.</param>
    public ExperimentRunner(Experiment experiment, IExperimentSubject subject, string output, Func<IBackend> openBackend, int jobs = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(jobs, 1);
        (this.experiment, this.subject, directory, this.openBackend, this.jobs) = (experiment, subject, new ExperimentDirectory(output), openBackend, jobs);
    }

    /// <summary>Runs what is not finished, and writes what has been found, also when it is cancelled or fails.</summary>
    /// <param name="observer">Told of runs.</param>
    /// <param name="cancellation">Ends the comparison; runs in progress leave no result.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: the directory holds something else, or runs with other settings; <see cref="ExitCode.CannotWrite"/>; a device's errors.
    /// </exception>
    public Comparison Run(IExperimentObserver observer, CancellationToken cancellation = default)
    {
        using var claim = directory.Claim();
        using var backends = new BackendPool(openBackend);
        RequireLosses(backends);
        LoadFinished(backends);
        observer.OnStarted(experiment.CellCount, results.Count);
        try
        {
            foreach (var grid in experiment.Grids)
            {
                ExperimentCell[] gridCells = [.. grid.Cells(FindBest(grid, cells))];
                if (grid.BestOf is not null) Load(gridCells, backends);
                cells.AddRange(gridCells);
                RunCells(backends, [.. gridCells.Where(cell => !results.ContainsKey(cell.Name))], observer, cancellation);
            }
        }
        finally
        {
            if (results.Count > 0) Write();
        }

        return new Comparison(experiment, cells, results);
    }

    /// <summary>A loss that the device does not have is an error before anything runs, not after hours.</summary>
    private void RequireLosses(BackendPool backends)
    {
        var backend = backends.Take();
        foreach (var loss in experiment.Losses)
            LossSupport.Require(backend, experiment.OptionsOf(new ExperimentCell(new ExperimentSetting(loss, LearningRate: 0, BatchSize: 1), Seed: 0)).TokenLoss);
        backends.Return(backend);
    }

    /// <summary>Takes over what is finished, as far as it can be known: a grid that takes a best setting waits for the runs before it.</summary>
    private void LoadFinished(BackendPool backends)
    {
        foreach (var grid in experiment.Grids.Where(grid => grid.BestOf is null)) Load(grid.Cells(best: null), backends);
        var earlier = new List<ExperimentCell>();
        foreach (var grid in experiment.Grids)
        {
            if (grid.BestOf is not null && !earlier.TrueForAll(cell => results.ContainsKey(cell.Name))) return;
            ExperimentCell[] gridCells = [.. grid.Cells(FindBest(grid, earlier))];
            if (grid.BestOf is not null) Load(gridCells, backends);
            earlier.AddRange(gridCells);
        }
    }

    /// <summary>Takes over the results of finished runs.</summary>
    private void Load(IEnumerable<ExperimentCell> candidates, BackendPool backends)
    {
        foreach (var cell in candidates)
        {
            var path = directory.ResultPath(cell);
            if (!File.Exists(path)) continue;
            var (settings, result) = CellResultFile.Read(path);
            CellSettingsFile.RequireSame(settings, Describe(cell, backends), directory.RunPath(cell));
            results[cell.Name] = result;
            // One that was killed between its result and this.
            subject.CleanUp(experiment.OptionsOf(cell), directory.RunPath(cell));
        }
    }

    private SortedDictionary<string, string> Describe(ExperimentCell cell, BackendPool backends)
    {
        var result = new SortedDictionary<string, string>(experiment.Describe(cell.Setting.Loss).ToDictionary(), StringComparer.Ordinal);
        (result["device"], result["compute_type"]) = backends.Kind;
        foreach (var (name, value) in subject.Describe()) result[name] = value;
        return result;
    }

    /// <summary>The setting that a grid takes over; null: it has its own.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="earlier">The runs of the grids before it.</param>
    private ExperimentSetting? FindBest(ExperimentGrid grid, IReadOnlyList<ExperimentCell> earlier)
    {
        if (grid.BestOf is not { } loss) return null;
        var best = new Comparison(experiment, earlier, results).BestSettings.FirstOrDefault(setting => setting.Setting.Loss.Name == loss);
        return best?.Setting ?? throw new DftNativeException(ExitCode.NonFinite, $"best_of {loss}: every run of it failed, so that there is no best");
    }

    private void RunCells(BackendPool backends, ExperimentCell[] pending, IExperimentObserver observer, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var queue = new ConcurrentQueue<ExperimentCell>(pending);
        ExceptionDispatchInfo? failure = null;
        var threads = Enumerable.Range(0, Math.Min(jobs, pending.Length)).Select(_ => new Thread(Work) { Name = "comparison" }).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        failure?.Throw();
        cancellation.ThrowIfCancellationRequested();

        void Work()
        {
            try
            {
                var backend = backends.Take();
                while (!stop.IsCancellationRequested && queue.TryDequeue(out var cell)) RunCell(backend, backends, cell, new LockedObserver(observer, gate), stop.Token);
                backends.Return(backend);
            }
            catch (OperationCanceledException)
            {
                // The thread that waits knows who asked for it.
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
                stop.Cancel();
            }
        }
    }

    private void RunCell(IBackend backend, BackendPool backends, ExperimentCell cell, IExperimentObserver observer, CancellationToken cancellation)
    {
        observer.OnCellStarted(cell);
        Directory.CreateDirectory(directory.RunPath(cell));
        var settings = Describe(cell, backends);
        CellSettingsFile.Claim(directory.SettingsPath(cell), settings);
        var options = experiment.OptionsOf(cell);
        CellResult result;
        try
        {
            result = subject.Run(backend, cell, options, directory.RunPath(cell), observer, cancellation);
        }
        catch (DftNativeException exception) when (exception.ExitCode == ExitCode.NonFinite)
        {
            result = new CellResult { Failure = (exception as NonFiniteException)?.Reason ?? exception.Message };
        }

        CellResultFile.Write(directory.ResultPath(cell), cell, settings, result);
        subject.CleanUp(options, directory.RunPath(cell));
        int finishedCount;
        lock (gate)
        {
            results[cell.Name] = result;
            finishedCount = results.Count;
        }

        observer.OnCellFinished(cell, result, finishedCount);
    }

    private void Write()
    {
        var comparison = new Comparison(experiment, cells, results);
        AtomicFile.Write(directory.NumbersPath, ComparisonJson.Write(comparison));
        AtomicFile.Write(directory.ReportPath, Encoding.UTF8.GetBytes(ComparisonReport.ToHtml(comparison)));
        AtomicFile.Write(directory.PicturePath, Encoding.UTF8.GetBytes(ComparisonPicture.ToSvg(comparison)));
    }
}
