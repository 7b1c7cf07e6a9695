using DigitalResistance.Verify.Bitcoin;

namespace DigitalResistance.Verify.Chain;

/// <summary>Every address that the treasury can have, derived from the descriptors that its log published, as far as anything was found and some way further.</summary>
internal sealed class TreasuryAddresses(IReadOnlyList<WatchedDescriptor> descriptors)
{
    /// <summary>Addresses looked at beyond the last one found: versions of a payment that never confirmed have used some up.</summary>
    public const int Gap = 200;

    /// <summary>No branch is derived further than this: a single coin at the last possible address must not cost its reader days.</summary>
    public const int Reachable = 200_000;

    private readonly long[] _derived = [0, 0];
    private readonly Dictionary<string, (int Branch, long Index)> _places = new(StringComparer.Ordinal);
    private readonly long[] _highest = [-1, -1];

    public IReadOnlyList<WatchedDescriptor> Descriptors => descriptors;

    /// <summary>Whether a coin was found at an address that is too far to derive all before it.</summary>
    public bool IsBeyondReach => _highest.Max() >= Reachable;

    /// <summary>Whether this script is the one at that place of any descriptor.</summary>
    public bool IsAt(int branch, long index, byte[] script)
    {
        if (index is < 0 or > int.MaxValue || !descriptors.Any(d => d.Script(branch, index).AsSpan().SequenceEqual(script))) return false;
        _highest[branch] = Math.Max(_highest[branch], index);
        return true;
    }

    /// <summary>Whether this script is at any place within reach.</summary>
    public bool IsOurs(byte[] script)
    {
        var text = Convert.ToHexString(script);
        for (var branch = 0; branch <= 1; branch++) Reach(branch, Math.Min(Reachable, _highest[branch] + Gap));
        if (!_places.TryGetValue(text, out var place)) return false;
        _highest[place.Branch] = Math.Max(_highest[place.Branch], place.Index);
        return true;
    }

    /// <summary>Whether this script is one of ours, and at its place of that very descriptor.</summary>
    public bool IsOf(int descriptor, byte[] script) =>
        _places.TryGetValue(Convert.ToHexString(script), out var place) && descriptors[descriptor].Script(place.Branch, place.Index).AsSpan().SequenceEqual(script);

    /// <summary>The scripts of one descriptor within reach.</summary>
    public IReadOnlyList<byte[]> Within(WatchedDescriptor descriptor, int gap) =>
        [.. Enumerable.Range(0, 2).SelectMany(branch => Enumerable.Range(0, (int)Math.Min(Reachable, _highest[branch] + 1 + gap)).Select(index => descriptor.Script(branch, index)))];

    private void Reach(int branch, long index)
    {
        if (_derived[branch] > index) return;
        var (from, count) = (_derived[branch], (int)(index + 1 - _derived[branch]));
        foreach (var (script, at) in Enumerable.Range(0, count).AsParallel().AsOrdered().SelectMany(i => descriptors.Select(d => (d.Script(branch, from + i), from + i))))
            _places.TryAdd(Convert.ToHexString(script), (branch, at));
        _derived[branch] = index + 1;
    }
}
