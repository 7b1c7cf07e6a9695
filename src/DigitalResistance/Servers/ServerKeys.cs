using System.Security.Cryptography;
using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Servers;

/// <summary>
/// One random key per server, each in a file of its own outside the database and its backup. Whoever has only one of the two learns no
/// address, and destroying the file deletes the server from every copy of the database.
/// </summary>
public sealed class ServerKeys(IOptions<ServersOptions> options, IOptions<DatabaseOptions> database)
{
    private const int KeyBytes = 32;

    /// <summary>Where the keys are.</summary>
    public string Folder => options.Value.KeyFolder ?? Path.Combine(database.Value.Folder, "keys");

    private string RegistryKeyPath => Path.Combine(Folder, "registry.key");

    /// <summary>Makes the key of a new server. Durable when this returns; making it twice gives the first one.</summary>
    public ServerKey Create(Guid server) => new(CreateFile(PathOf(server)));

    /// <summary>The key of a server; null when it was destroyed.</summary>
    public ServerKey? Find(Guid server) => Read(PathOf(server)) is { } key ? new(key) : null;

    /// <summary>Destroys the key of a server. May be repeated.</summary>
    public void Destroy(Guid server)
    {
        var path = PathOf(server);
        if (!File.Exists(path)) return;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            // Best effort: on a flash disk the old cells may survive until they are reused.
            file.Write(new byte[KeyBytes]);
            file.Flush(flushToDisk: true);
        }

        File.Delete(path);
    }

    /// <summary>The key of the keyed tags; made in an empty registry only (<see cref="KeyFolderCheck"/>).</summary>
    internal byte[] RegistryKey => Read(RegistryKeyPath) ?? throw new InvalidOperationException($"{RegistryKeyPath} is missing.");

    /// <summary>The secret that the registry and its canaries share (docs/specs/canary.md); made when it is first asked for.</summary>
    internal byte[] CanarySecret() => Read(Path.Combine(Folder, "canary.key")) ?? CreateFile(Path.Combine(Folder, "canary.key"));

    internal bool HasRegistryKey => File.Exists(RegistryKeyPath);

    internal void CreateRegistryKey() => CreateFile(RegistryKeyPath);

    // The last byte of a version 7 id is random; its first ones are a time, which would put all servers of a year into one folder.
    private string PathOf(Guid server) => Path.Combine(Folder, "servers", $"{server:N}"[^2..], $"{server:N}.key");

    private static byte[]? Read(string path)
    {
        try
        {
            var key = File.ReadAllBytes(path);
            return key.Length == KeyBytes ? key : throw new InvalidOperationException($"{path} does not hold {KeyBytes} bytes.");
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static byte[] CreateFile(string path)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}";
        using (var file = new FileStream(temporary, Creating()))
        {
            file.Write(RandomNumberGenerator.GetBytes(KeyBytes));
            file.Flush(flushToDisk: true);
        }

        // A reader sees no file or a whole one, and of two who make it at once both get the first one's.
        if (DurableFolder.TryName(temporary, path)) DurableFolder.FlushFolder(Path.GetDirectoryName(path)!);
        return Read(path)!;
    }

    private static FileStreamOptions Creating()
    {
        var creating = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) creating.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return creating;
    }

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(Path.GetFullPath(folder))!;
        CreateFolder(parent);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        DurableFolder.FlushFolder(parent);
    }
}
