namespace DftNative.Models;

/// <summary>New tokens of one sequence in a pass with a key/value cache: its prompt, or its last sampled token.</summary>
/// <param name="Slot">The sequence's place in the cache; from the number of slots on, the first of its dead tokens'.</param>
/// <param name="Position">The position of the first new token: how many the slot holds already.</param>
/// <param name="Tokens">The new tokens, at least one.</param>
public readonly record struct CachedPart(int Slot, int Position, ReadOnlyMemory<int> Tokens);
