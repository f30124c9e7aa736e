namespace DftNative.Tests.Cuda;

/// <summary>
/// The faults that kernels of this kind are known to have, planted one at a time: a wait or a barrier that is not there, a
/// stage too early, a tile or a mask that is off by one, a swizzle or a fragment in disorder. Each must fail a test.
/// </summary>
[TestFixture]
[NonParallelizable]
[Category("Slow")]
internal sealed class AttentionFaultTests
{
    private const string Tile = "attention_tile.cuh";
    private const string Forward = "attention_forward.cu";
    private const string Softmax = "attention_softmax.cuh";
    private const string Query = "attention_backward_query.cu";
    private const string KeyValue = "attention_backward_key_value.cu";

    private const string Decode = "attention_decode.cu";
    private const string Combine = "attention_decode_combine.cu";

    private const string Values = "DocumentsAgreeWithFp64";
    private const string Counts = "DoesTheWork";
    private const string Edges = "LengthsAroundTheTiles";
    private const string Caches = "QueriesSeeAllKeysOfACache";
    private const string Sequences = "SequencesAgreeWithFp64";

    private static readonly TestCaseData[] Faults =
    [
        Case("no wait", Forward, "wait_for_async_copies<0>();", ""),
        Case("a wait that leaves a group", Forward, "wait_for_async_copies<0>();", "wait_for_async_copies<1>();"),
        Case("no barrier", Forward, "__syncthreads();  // this step's rows are there", "//"),
        Case("copies before the barrier", Forward, """
                    __syncthreads();  // this step's rows are there, and nobody reads the last step's any more
                    if (first_key + KEY_ROWS < key_count) copy_step(stage ^ 1, first_key + KEY_ROWS);
            """, """
                    if (first_key + KEY_ROWS < key_count) copy_step(stage ^ 1, first_key + KEY_ROWS);
                    __syncthreads();
            """),
        Case("copies to the stage that is read", Forward, "copy_step(stage ^ 1, ", "copy_step(stage, "),
        Case("one stage read for ever", Forward, "stage ^= 1", "stage ^= 0"),
        Case("values of the other stage", Forward, "values_of(stage), 0", "values_of(stage ^ 1), 0"),
        Case("every second tile", Forward, "first_key += KEY_ROWS", "first_key += 2 * KEY_ROWS"),
        Case("no last tile of one row", Forward, "first_key < key_count; ", "first_key + 1 < key_count; ", Edges),
        Case("no tile where a warp's last query begins", Forward, "first_key < visible + warp_rows - 1;", "first_key < visible + warp_rows - 2;", Caches),
        Case("tiles that a warp cannot see", Forward, "first_key < visible + warp_rows - 1;", "first_key < key_count;", Counts),
        Case("a key too much", Forward, ">= row_visible", "> row_visible"),
        Case("a mask a key too late", Forward, "if (first_key + KEY_ROWS > visible)", "if (first_key + KEY_ROWS > visible + 1)", Caches),
        Case("the mask's rows in disorder", Forward, "i / 2 * 8 + lane / 4;", "i % 2 * 8 + lane / 4;"),
        Case("sums that keep the old maximum", Softmax, "if (warp_any(is_corrected))", "if (false)", Values, typeof(AttentionForwardTests)),

        Case("no swizzle", Tile, "(chunk ^ (row & 7))", "chunk", Counts, typeof(AttentionForwardTests)),
        Case("half a swizzle", Tile, "(chunk ^ (row & 7))", "(chunk ^ (row & 3))", Counts, typeof(AttentionForwardTests)),
        Case("copies without the swizzle", Tile, "place = tile_index(first, thread % tile_chunks)", "place = thread * bfloat16_per_packet", Values, typeof(AttentionForwardTests)),
        Case("a place that is added where it is swizzled", Tile, "(place ^ chunks * bfloat16_per_packet)", "(place + chunks * bfloat16_per_packet)", Values, typeof(AttentionForwardTests)),
        Case("fragments of keys swapped", Tile, "load_matrices<false>(b, right, tile_step(place, 8 * n, 2 * k));", "load_matrices<false>(b, right, tile_step(place, 8 * n, 2 * k)); { const unsigned int c = b[0]; b[0] = b[1]; b[1] = c; }", Values, typeof(AttentionForwardTests)),
        Case("fragments of probabilities swapped", Tile, "left[m][2 * k + i / 2]", "left[m][2 * k + i % 2]", Values, typeof(AttentionForwardTests)),
        Case("values not transposed", Tile, "load_matrices<true>", "load_matrices<false>", Values, typeof(AttentionForwardTests)),
        Case("a row of the next document", Tile, "row < remaining && column < head_dim", "row <= remaining && column < head_dim", Values, typeof(AttentionForwardTests)),
        Case("a row written in the next document", Tile, "if (row < row_count && column < head_dim)", "if (row <= row_count && column < head_dim)", Values, typeof(AttentionForwardTests)),

        Case("no wait for the queries", Query, "wait_for_async_copies<keeps_rows ? 0 : 1>();", ""),
        Case("no barrier behind the queries", Query, "__syncthreads();  // the queries are there, and their gradients", ""),
        Case("no barrier before the first keys", Query, "__syncthreads();  // they are in registers, and their place is free", ""),
        Case("no wait", Query, "wait_for_async_copies<0>();", ""),
        Case("no barrier", Query, "__syncthreads();  // this step's rows are there", "//"),
        Case("no barrier before the gradients change hands", Query, "if constexpr (keeps_rows) __syncthreads();", ""),
        Case("copies to the stage that is read", Query, "copy_step(stage ^ 1, ", "copy_step(stage, "),
        Case("no chunk on the diagonal", Query, "first >= visible + warp_rows - 1 ||", "first + CHUNK > visible ||"),
        Case("a key too much", Query, ">= row_visible", "> row_visible"),
        Case("a mask a chunk too late", Query, "if (first + CHUNK > visible)", "if (first > visible)", Edges),
        Case("the gradient's mean of the other half", Query, "- mean[m][i / 2]", "- mean[m][i % 2]"),
        Case("delta of one lane", Query, "warp_reduce<Sum, 4>(multiply_lane_chunks(outputs[m][half], output_gradients, row))", "multiply_lane_chunks(outputs[m][half], output_gradients, row)"),

        Case("no wait for the keys", KeyValue, "wait_for_async_copies<first_step_is_early ? 1 : 0>();", ""),
        Case("no barrier behind the keys", KeyValue, "__syncthreads();  // the keys and values are there", ""),
        Case("no barrier before the first queries", KeyValue, "__syncthreads();  // they are in registers, and their place is free", "", architecture: "86"),
        Case("no wait", KeyValue, "wait_for_async_copies<0>();", ""),
        Case("no barrier", KeyValue, "__syncthreads();  // this step's rows are there", "//"),
        Case("no barrier before the gradients change hands", KeyValue, "__syncthreads();  // nobody reads the last rows any more", "//"),
        Case("copies to the stage that is read", KeyValue, "copy_step(stage_index ^ 1, ", "copy_step(stage_index, "),
        Case("no last head of a group", KeyValue, "head < end_head; head++", "head + 1 < end_head; head++"),
        Case("the next head's queries from where this one's ended", KeyValue, "is_last_of_head ? 0 : first_query + QUERY_ROWS", "is_last_of_head ? first_query : first_query + QUERY_ROWS"),
        Case("no chunk on the diagonal", KeyValue, "first + CHUNK <= first_seen ||", "first <= first_seen ||", Edges),
        Case("a query too much", KeyValue, "if (row > first + 8 * n", "if (row > 1 + first + 8 * n"),
        Case("a query too little", KeyValue, "if (row > first + 8 * n", "if (row >= first + 8 * n"),
        Case("a mask a query too early", KeyValue, "if (first < first_seen + warp_rows - 1)", "if (first < first_seen + warp_rows - CHUNK)", Edges),
        Case("delta where log-sum-exp is", KeyValue, "copy_element_async(stage.statistics, 2 * row + 1, delta", "copy_element_async(stage.statistics, 2 * row, delta"),

        Case("no wait for the queries", Decode, "wait_for_async_copies<stage_count>();", "", Sequences),
        Case("no barrier behind the queries", Decode, "__syncthreads();  // the queries are there", "", Sequences),
        Case("a wait that leaves the step's own copies", Decode, "wait_for_async_copies<stage_count - 1>();", "wait_for_async_copies<stage_count>();", Sequences),
        Case("no barrier of the warp behind its copies", Decode, "__syncwarp();  // this step's rows are there", "", Sequences),
        Case("a stage filled while lanes read it", Decode, "__syncwarp();  // nobody reads this step's rows any more", "", Sequences),
        Case("no barrier before the sums change hands", Decode, "__syncthreads();  // nobody reads or fills the stages any more", "//", Sequences),
        Case("no barrier behind the warps' sums", Decode, "__syncthreads();  // the warps' sums are there", "", Sequences),
        Case("one stage read for ever", Decode, "stage ^= 1", "stage ^= 0", Sequences),
        Case("a stage filled with the next step's rows", Decode, "copy_step(stage, first + stage_count * step);", "copy_step(stage, first + step);", Sequences),
        Case("every second step", Decode, "first += step, ", "first += 2 * step, ", Sequences),
        Case("a key too much", Decode, "% 2 >= key_count)", "% 2 > key_count)", Sequences),
        Case("a mask a key too late", Decode, "if (first + warp_keys > key_count)", "if (first + warp_keys > key_count + 1)", Sequences),
        Case("every chunk from the sequence's begin", Decode, "chunk.first_key + chunk.index * CHUNK", "chunk.first_key", Sequences),
        Case("no last warp's sums", Decode, "for (int owner = 0; owner < warp_count; owner++)", "for (int owner = 0; owner < warp_count - 1; owner++)", Sequences),
        Case("a maximum of one warp", Decode, "maximum = fmaxf(maximum, load(maxima, owner * block_heads + head));", "{}", "LargeScores"),
        Case("the second 16 heads are the first", Decode, "key_head * group + first_of_group", "key_head * group", "HeadsOfAGroup"),
        Case("no last chunk", Combine, "index < chunk_count", "index + 1 < chunk_count", Sequences),
        Case("chunks added under their own maxima", Combine, "fmaf(factor, float_of(low, i)", "fmaf(1.0f, float_of(low, i)", Sequences),
        Case("statistics of another head", Combine, "+ index) * heads + head;", "+ index) * heads;", Sequences),
    ];

    [Test]
    public void KernelsFromAFolderPassWithoutAFault([Values(typeof(AttentionForwardTests), typeof(AttentionBackwardTests))] Type fixture)
    {
        // Else everything would seem to die.
        var child = RunWith(new KernelFault(Forward, "#include \"attention_softmax.cuh\"", "#include \"attention_softmax.cuh\"", fixture, ""));
        Assert.That(child.ExitCode, Is.Zero, child.Output);
    }

    [TestCaseSource(nameof(Faults))]
    public void AFaultFailsATest(KernelFault fault)
    {
        var child = RunWith(fault);
        Assert.That(child.Output, Does.Match("failed: [1-9]"), "the tests pass all the same, or did not run");
    }

    private static Command RunWith(KernelFault fault)
    {
        CudaEmulator.Require();
        var folder = Directory.CreateTempSubdirectory("dftnative-kernels-").FullName;
        try
        {
            fault.Plant(folder);
            return TestProcess.RunQuick(fault.Fixture, fault.Tests, ("DFTNATIVE_KERNELS", folder), ("DFTNATIVE_EMULATED_SM", fault.Architecture));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Type FixtureOf(string file) => file switch
    {
        Forward => typeof(AttentionForwardTests),
        Decode or Combine => typeof(AttentionDecodeTests),
        _ => typeof(AttentionBackwardTests),
    };

    private static TestCaseData Case(string name, string file, string text, string replacement, string tests = Values, Type? fixture = null, string architecture = "80") =>
        new TestCaseData(new KernelFault(
            file, text, replacement, fixture ?? FixtureOf(file), tests, architecture))
            .SetArgDisplayNames(Path.GetFileNameWithoutExtension(file), name);
}
