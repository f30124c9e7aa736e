using System.Globalization;
using System.Text;
using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>
/// A point that training can continue from, bitwise: a directory <c>checkpoint-N</c> with a Hugging Face model, AdamW's
/// moments (and the fp32 weights, where the model is saved in fewer bits), the trainer's own state, and a manifest with
/// the size and checksum of each file.
/// </summary>
public sealed class TrainingCheckpoint : IDisposable
{
    private const string Prefix = "checkpoint-";
    private const string FirstMomentPrefix = "exp_avg.";
    private const string SecondMomentPrefix = "exp_avg_sq.";
    private const string MasterPrefix = "master.";
    private const string TrainerStateFile = "trainer_state.json";
    private const string OptimizerFile = "optimizer.safetensors";

    private readonly CheckpointManifest manifest;
    private readonly SafetensorsFile optimizer;

    private TrainingCheckpoint(string directory, CheckpointManifest manifest, string trainerState, ModelDirectory model, SafetensorsFile optimizer)
    {
        (Directory, this.manifest, TrainerState, Model, this.optimizer) = (directory, manifest, trainerState, model, optimizer);
        CheckOptimizer();
    }

    /// <summary>The checkpoint's directory.</summary>
    public string Directory { get; }

    /// <summary>The optimizer step after which it was saved.</summary>
    public int Step => manifest.Step;

    /// <summary>The trainer's own state, as it gave it: JSON.</summary>
    public string TrainerState { get; }

    /// <summary>The saved model, which may have fewer bits than training had, and whose weights are not verified: see <see cref="LoadParameters"/>.</summary>
    public ModelDirectory Model { get; }

    /// <summary>Elements of all weights and moments: what a load's progress comes to.</summary>
    public long ElementCount => WeightFiles.Sum(file => file.Tensors.Values.Sum(tensor => tensor.Length));

    /// <summary>The files that are verified when they are loaded.</summary>
    private SafetensorsFile[] WeightFiles => [.. Model.WeightFiles, optimizer];

    /// <summary>Whether the fp32 weights are stored beside a model of fewer bits.</summary>
    private bool HasMaster => optimizer.Tensors.Keys.Any(name => name.StartsWith(MasterPrefix, StringComparison.Ordinal));

    /// <summary>Writes <c>checkpoint-N</c> under a temporary name, flushes every file and directory, and renames it.</summary>
    /// <param name="outputDirectory">Where the checkpoints of a run are; exists.</param>
    /// <param name="step">N: the optimizer steps done.</param>
    /// <param name="template">The model that training began with.</param>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The layout of the three arenas.</param>
    /// <param name="weights">[layout.ArenaLength].</param>
    /// <param name="firstMoment">[layout.ArenaLength] fp32 or bf16.</param>
    /// <param name="secondMoment">[layout.ArenaLength] fp32 or bf16.</param>
    /// <param name="saveDataType">The type of the saved model.</param>
    /// <param name="trainerState">JSON that <see cref="TrainerState"/> gives back.</param>
    /// <returns>The checkpoint's directory.</returns>
    /// <exception cref="DftNativeException">Exit code 6: nothing is left behind then.</exception>
    public static string Save(
        string outputDirectory, int step, ModelTemplate template, IBackend backend, ParameterLayout layout,
        MasterWeights weights, Vector firstMoment, Vector secondMoment, SaveDataType saveDataType, string trainerState)
    {
        var modelType = template.Resolve(saveDataType);
        return Save(
            outputDirectory, step, template, layout, ModelWriter.Reader(backend, layout, weights, modelType),
            weights.FitsIn(modelType) ? null : ParameterTransfer.Reader(backend, layout, weights),
            ParameterTransfer.Reader(backend, layout, firstMoment), ParameterTransfer.Reader(backend, layout, secondMoment),
            saveDataType, trainerState, firstMoment.DataType);
    }

    /// <summary>Writes a checkpoint whose values come from anywhere.</summary>
    /// <param name="outputDirectory">Where the checkpoints of a run are; exists.</param>
    /// <param name="step">N: the optimizer steps done.</param>
    /// <param name="template">The model that training began with.</param>
    /// <param name="layout">The parameters.</param>
    /// <param name="parameters">Gives the weights of the saved model.</param>
    /// <param name="master">Gives the fp32 weights, stored beside the model; null: the model has all there is.</param>
    /// <param name="firstMoment">Gives m, by the parameter's name.</param>
    /// <param name="secondMoment">Gives v, by the parameter's name.</param>
    /// <param name="saveDataType">The type of the saved model.</param>
    /// <param name="trainerState">JSON that <see cref="TrainerState"/> gives back.</param>
    /// <param name="momentType">The type to store the moments in, fp32 or bf16: the one that they are of.</param>
    /// <returns>The checkpoint's directory.</returns>
    /// <exception cref="DftNativeException">Exit code 6: nothing is left behind then.</exception>
    public static string Save(
        string outputDirectory, int step, ModelTemplate template, ParameterLayout layout,
        TensorReader parameters, TensorReader? master, TensorReader firstMoment, TensorReader secondMoment,
        SaveDataType saveDataType, string trainerState, DataType momentType = DataType.Float32)
    {
        var target = Path.Combine(outputDirectory, Prefix + step.ToString(CultureInfo.InvariantCulture));
        AtomicDirectory.Write(target, temporary =>
        {
            var hashes = new Dictionary<string, ulong>(StringComparer.Ordinal);
            ModelWriter.WriteFiles(temporary, template, layout, parameters, saveDataType, ModelWriter.DefaultMaxShardSizeInBytes, hashes);
            hashes[OptimizerFile] = WriteOptimizer(Path.Combine(temporary, OptimizerFile), layout, master, firstMoment, secondMoment, momentType);
            AtomicFile.Write(Path.Combine(temporary, TrainerStateFile), Encoding.UTF8.GetBytes(trainerState));
            CheckpointManifest.Write(temporary, step, hashes);
        });
        return target;
    }

    /// <summary>
    /// Opens a checkpoint: the size of every file is compared with the manifest, and the checksums of all but the weights and
    /// moments. Those are verified as they are loaded, since reading them twice would take twice as long.
    /// </summary>
    /// <exception cref="DftNativeException">Exit code 3: missing, or damaged since it was written.</exception>
    public static TrainingCheckpoint Open(string directory)
    {
        if (!System.IO.Directory.Exists(directory)) throw new DftNativeException(ExitCode.InvalidInput, $"{directory}: there is no such checkpoint");
        var manifest = CheckpointManifest.Open(directory);
        manifest.Verify(manifest.Names.Where(name => !IsWeightFile(name)));
        return ExplainDamage(manifest, () => Open(directory, manifest));
    }

    /// <summary>The checkpoint of the highest step, or null; directories that are not whole are not among them.</summary>
    public static string? Latest(string outputDirectory) => List(outputDirectory) is [.., var last] ? last.Directory : null;

    /// <summary>The checkpoints of a run, by ascending step.</summary>
    public static IReadOnlyList<(int Step, string Directory)> List(string outputDirectory)
    {
        if (!System.IO.Directory.Exists(outputDirectory)) return [];
        var found = new List<(int Step, string Directory)>();
        foreach (var path in System.IO.Directory.EnumerateDirectories(outputDirectory, Prefix + "*"))
        {
            if (int.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                && File.Exists(Path.Combine(path, CheckpointManifest.FileName)))
                found.Add((step, path));
        }

        found.Sort((left, right) => left.Step.CompareTo(right.Step));
        return found;
    }

    /// <summary>Removes the oldest checkpoints beyond a limit, and what saves that were killed have left.</summary>
    /// <param name="outputDirectory">Where the checkpoints of a run are.</param>
    /// <param name="saveTotalLimit">How many stay, at least 1; null: all.</param>
    /// <param name="best">A checkpoint's directory that stays and counts, though it be old; null: none.</param>
    public static void Rotate(string outputDirectory, int? saveTotalLimit, string? best)
    {
        AtomicDirectory.RemoveLeftovers(outputDirectory);
        if (saveTotalLimit is not { } limit) return;
        var checkpoints = List(outputDirectory);
        var bestName = best is null ? null : Path.GetFileName(Path.TrimEndingDirectorySeparator(best));
        var excess = checkpoints.Count - Math.Max(1, limit);
        // The newest always stays: it is what a resume continues from.
        foreach (var (_, directory) in checkpoints.SkipLast(1))
        {
            if (excess <= 0) break;
            if (Path.GetFileName(directory) == bestName) continue;
            CheckpointManifest.Remove(directory);
            excess--;
        }
    }

    /// <summary>Uploads the weights as training had them, and AdamW's moments; reads every file once, and verifies it.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The layout of this model.</param>
    /// <param name="weights">[layout.ArenaLength], written.</param>
    /// <param name="firstMoment">[layout.ArenaLength] fp32 or bf16, written.</param>
    /// <param name="secondMoment">[layout.ArenaLength] fp32 or bf16, written.</param>
    /// <param name="progress">Told the number of elements of each part that is done; null: nobody is.</param>
    /// <exception cref="DftNativeException">Exit code 3: damaged since it was written. What is on the device then is of no use.</exception>
    public void Load(
        IBackend backend, ParameterLayout layout, MasterWeights weights, Vector firstMoment, Vector secondMoment, IProgress<long>? progress = null) =>
        Load(backend, layout, weights, [(FirstMomentPrefix, new MasterWeights(firstMoment)), (SecondMomentPrefix, new MasterWeights(secondMoment))], progress);

    /// <summary>Uploads the weights alone; reads and verifies every file all the same.</summary>
    /// <inheritdoc cref="Load(IBackend, ParameterLayout, MasterWeights, Vector, Vector, IProgress{long})"/>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The layout of this model.</param>
    /// <param name="weights">[layout.ArenaLength], written.</param>
    /// <param name="progress">Told the number of elements of each part that is done; null: nobody is.</param>
    public void LoadParameters(IBackend backend, ParameterLayout layout, MasterWeights weights, IProgress<long>? progress = null) =>
        Load(backend, layout, weights, [], progress);

    /// <inheritdoc/>
    public void Dispose()
    {
        optimizer.Dispose();
        Model.Dispose();
    }

    private static ulong WriteOptimizer(
        string path, ParameterLayout layout, TensorReader? master, TensorReader firstMoment, TensorReader secondMoment, DataType momentType)
    {
        var storedType = momentType.ToSafetensors();
        List<(string Prefix, SafetensorsDataType DataType, TensorReader Read)> parts =
            [(FirstMomentPrefix, storedType, firstMoment), (SecondMomentPrefix, storedType, secondMoment)];
        if (master is not null) parts.Add((MasterPrefix, SafetensorsDataType.F32, master));
        var sources = new Dictionary<string, (TensorReader Read, string Parameter)>(StringComparer.Ordinal);
        var entries = new List<SafetensorsEntry>();
        foreach (var (prefix, dataType, read) in parts)
        {
            foreach (var tensor in layout.Tensors)
            {
                entries.Add(new SafetensorsEntry(prefix + tensor.Name, dataType, [.. tensor.Shape]));
                sources.Add(prefix + tensor.Name, (read, tensor.Name));
            }
        }

        return SafetensorsWriter.Write(path, entries, null, (name, start, destination) =>
        {
            var (read, parameter) = sources[name];
            read(parameter, start, destination);
        });
    }

    private static TrainingCheckpoint Open(string directory, CheckpointManifest manifest)
    {
        var state = Encoding.UTF8.GetString(JsonInput.ReadFile(Path.Combine(directory, TrainerStateFile)));
        var model = ModelDirectory.Open(directory);
        SafetensorsFile? optimizer = null;
        try
        {
            optimizer = SafetensorsFile.Open(Path.Combine(directory, OptimizerFile));
            return new TrainingCheckpoint(directory, manifest, state, model, optimizer);
        }
        catch
        {
            optimizer?.Dispose();
            model.Dispose();
            throw;
        }
    }

    private static bool IsWeightFile(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal);

    /// <summary>Damage shows in many ways to who does not yet know of it; what the user should know is which file is damaged.</summary>
    private static T ExplainDamage<T>(CheckpointManifest manifest, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (DftNativeException exception) when (exception.ExitCode == ExitCode.InvalidInput)
        {
            manifest.Verify(manifest.Names);
            throw;
        }
    }

    private void Load(
        IBackend backend, ParameterLayout layout, MasterWeights weights, List<(string Prefix, MasterWeights Arena)> moments, IProgress<long>? progress)
    {
        List<(string Prefix, MasterWeights Arena)> arenas = [(HasMaster ? MasterPrefix : "", weights), .. moments];
        var targets = new Dictionary<string, UploadTarget>(StringComparer.Ordinal);
        foreach (var (prefix, arena) in arenas)
            foreach (var tensor in layout.Tensors) targets.Add(prefix + tensor.Name, new UploadTarget(arena, tensor.Offset));
        var files = WeightFiles;
        var hashes = ExplainDamage(manifest, () => HashedUpload.Run(backend, files, targets, progress));
        for (var i = 0; i < files.Length; i++) manifest.Check(Path.GetFileName(files[i].Path), hashes[i]);
    }

    private void CheckOptimizer()
    {
        string[] prefixes = HasMaster ? [FirstMomentPrefix, SecondMomentPrefix, MasterPrefix] : [FirstMomentPrefix, SecondMomentPrefix];
        foreach (var tensor in Model.Layout.Tensors)
        {
            foreach (var prefix in prefixes)
            {
                if (!optimizer.Tensors.TryGetValue(prefix + tensor.Name, out var stored) || !IsOptimizerType(stored.DataType)
                    || !stored.Shape.SequenceEqual(tensor.Shape.Select(size => (long)size)))
                {
                    throw new DftNativeException(ExitCode.InvalidInput,
                        $"{optimizer.Path}: '{prefix + tensor.Name}' is missing or has another shape; resume from another checkpoint");
                }
            }
        }
    }

    /// <summary>fp32, or the bf16 of leaner moments.</summary>
    private static bool IsOptimizerType(SafetensorsDataType dataType) => dataType is SafetensorsDataType.F32 or SafetensorsDataType.BF16;
}
