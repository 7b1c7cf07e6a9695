using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Transparency;

namespace DigitalResistance.Ledger;

/// <summary>
/// The log's Ed25519 seeds: one line of 64 hexadecimal digits in a file that only this user may read. <c>ledger.key</c> signs; while
/// <c>ledger.next.key</c> exists both sign, so that readers can move to the new key before the old one is revoked.
/// </summary>
public static class LedgerKeys
{
    /// <summary>File of the key in force.</summary>
    public const string Current = "ledger.key";

    /// <summary>File of the key that will replace it.</summary>
    public const string Next = "ledger.next.key";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads a key, or null when there is no such file; refuses one that others may read.</summary>
    public static NoteSigner? Read(DurableFolder keys, string file, string origin)
    {
        var path = Path.Combine(keys.Path, file);
        if (!File.Exists(path)) return null;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != UnixFileMode.None)
            throw new LedgerRefusedException($"The key file {path} may be read by others.", $"Look who read it, then: chmod 600 {path}");
        try
        {
            return new NoteSigner(origin, Convert.FromHexString(File.ReadAllText(path).Trim()));
        }
        catch (FormatException)
        {
            throw new LedgerRefusedException($"The key file {path} does not hold 64 hexadecimal digits.", "Put the right file back from its own backup.");
        }
    }

    /// <summary>Makes a key. Never overwrites one: where another process makes one at the same moment, both get that of the first.</summary>
    public static NoteSigner Create(DurableFolder keys, string file, string origin)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(keys.Path);
        else Directory.CreateDirectory(keys.Path, OwnerOnly | UnixFileMode.UserExecute);
        var (path, beside, seed) = (Path.Combine(keys.Path, file), Path.Combine(keys.Path, $".{Guid.NewGuid():N}.new"), RandomNumberGenerator.GetBytes(32));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(beside, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(seed) + "\n"));
            stream.Flush(flushToDisk: true);
        }

        // Whole or not at all: nobody ever reads half a key.
        if (!DurableFolder.TryName(beside, path)) return Read(keys, file, origin)!;
        DurableFolder.FlushFolder(keys.Path);
        return new NoteSigner(origin, seed);
    }
}
