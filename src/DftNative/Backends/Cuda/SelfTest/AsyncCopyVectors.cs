namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>
/// copy_packet_async and copy_element_async, their groups and waits. PTX ISA, cp.async: src-size bytes come from the source
/// and the rest of the destination becomes zero; cp.async.wait_group N returns when at most the N last groups are pending.
/// </summary>
internal static class AsyncCopyVectors
{
    private const int Lanes = 32;
    private const int WordsPerPacket = 4;

    // More sources than copies.
    private const int PacketCount = 80;
    private const int ElementCount = 48;

    /// <summary>The launch that copies packets.</summary>
    public static SelfTestLaunch Packets { get; } = BuildPackets();

    /// <summary>The launch that copies elements.</summary>
    public static SelfTestLaunch Elements { get; } = BuildElements();

    private static SelfTestLaunch BuildPackets()
    {
        int[] begins =
        [
            .. from copy in Enumerable.Range(0, 2 * Lanes)
               select copy % 5 == 2 ? -1 : (2 * Lanes) + (WordsPerPacket * (((11 * copy) + 7) % PacketCount)),
        ];
        uint[] input =
        [
            .. begins.Select(begin => unchecked((uint)begin)),
            .. Enumerable.Range(0, WordsPerPacket * PacketCount).Select(Content),
        ];
        return new SelfTestLaunch(
            SelfTestKernels.CopyPacketAsync, input, 2 * Lanes * WordsPerPacket * sizeof(uint),
            [
                new SelfTestCheck(
                    "copy_packet_async, wait_for_async_copies<1>", "cp.async.cg.shared.global 16, wait_group 1", Expect(input, begins[..Lanes], WordsPerPacket)),
                new SelfTestCheck(
                    "copy_packet_async, wait_for_async_copies<0>", "cp.async.cg.shared.global 16, wait_group 0", Expect(input, begins[Lanes..], WordsPerPacket)),
            ]);
    }

    private static SelfTestLaunch BuildElements()
    {
        int[] places = [.. from lane in Enumerable.Range(0, Lanes) select lane % 3 == 1 ? -1 : Lanes + (((5 * lane) + 2) % ElementCount)];
        uint[] input = [.. places.Select(place => unchecked((uint)place)), .. Enumerable.Range(0, ElementCount).Select(Content)];
        return new SelfTestLaunch(
            SelfTestKernels.CopyElementAsync, input, Lanes * sizeof(uint),
            [new SelfTestCheck("copy_element_async", "cp.async.ca.shared.global 4", Expect(input, places, 1))]);
    }

    private static ExpectedWord[] Expect(uint[] input, int[] begins, int count) =>
    [
        .. from begin in begins
           from word in Enumerable.Range(0, count)
           select ExpectedWord.Exactly(begin < 0 ? 0 : input[begin + word]),
    ];

    /// <summary>Distinct in every word, and in both halves.</summary>
    private static uint Content(int word) => (0x9E37_79B1 * (uint)(word + 1)) | 1;
}
