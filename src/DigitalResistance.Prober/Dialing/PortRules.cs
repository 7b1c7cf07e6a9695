using System.Collections.Frozen;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// Ports that are never dialled: a few bytes sent there by a stranger's wish look like an attack (mail, remote shells, file shares,
/// databases), or are one (amplifiers). A proxy has no reason to sit on them.
/// </summary>
public static class PortRules
{
    private static readonly FrozenSet<int> Forbidden = new[]
    {
        7, 9, 13, 17, 19, 21, 22, 23, 25, 37, 53, 69, 79, 110, 111, 113, 119, 123, 135, 136, 137, 138, 139, 143, 161, 162, 179, 389, 427,
        445, 465, 512, 513, 514, 515, 548, 587, 631, 636, 873, 993, 995, 1433, 1521, 1723, 1900, 2049, 2375, 2376, 2379, 3306, 3389, 3702, 5060, 5061, 5353,
        5432, 5900, 5984, 5985, 6000, 6379, 6443, 6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 6697, 9200, 10250, 11211, 27017,
    }.ToFrozenSet();

    /// <summary>Whether nobody may make us dial this port.</summary>
    public static bool IsForbidden(int port) => port is < 1 or > ushort.MaxValue || Forbidden.Contains(port);
}
