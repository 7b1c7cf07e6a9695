using DigitalResistance.Testing;

namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>An admin's approval key, made and used by OpenSSH's <c>ssh-keygen</c>, as an admin would at home.</summary>
internal sealed class SshKeygen : IAsyncDisposable
{
    private readonly string _folder;

    private SshKeygen(string folder, string publicKey) => (_folder, PublicKey) = (folder, publicKey);

    /// <summary>The line of the <c>.pub</c> file: type and base64.</summary>
    public string PublicKey { get; }

    /// <summary>Makes a key of the given type (<c>ed25519</c>, <c>ecdsa</c>, <c>rsa</c>).</summary>
    public static async Task<SshKeygen> CreateAsync(string type = "ed25519")
    {
        var folder = Directory.CreateTempSubdirectory("dr-ssh-").FullName;
        var key = Path.Combine(folder, "key");
        await PeerProcess.RunAsync(Needs.Program("ssh-keygen"), ["-q", "-t", type, "-N", "", "-C", "", "-f", key]);
        return new SshKeygen(folder, (await File.ReadAllTextAsync(key + ".pub")).Trim());
    }

    /// <summary>What <c>ssh-keygen -l</c> prints: <c>SHA256:…</c>.</summary>
    public async Task<string> FingerprintAsync() => (await PeerProcess.RunAsync(Needs.Program("ssh-keygen"), ["-l", "-f", Path.Combine(_folder, "key")])).Split(' ')[1];

    /// <summary>The armoured signature (SSHSIG) of the text in a namespace.</summary>
    public Task<string> SignAsync(string text, string ns = "digital-resistance-round") =>
        PeerProcess.RunAsync(Needs.Program("ssh-keygen"), ["-Y", "sign", "-q", "-n", ns, "-f", Path.Combine(_folder, "key"), "-"], text);

    /// <summary>OpenSSH's own verdict on a signature.</summary>
    public async Task<bool> VerifyAsync(string text, string signature, string ns = "digital-resistance-round")
    {
        var allowed = Path.Combine(_folder, "allowed");
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.sig");
        await File.WriteAllTextAsync(allowed, $"admin {PublicKey}\n");
        await File.WriteAllTextAsync(file, signature);
        try
        {
            await PeerProcess.RunAsync(Needs.Program("ssh-keygen"), ["-Y", "verify", "-f", allowed, "-I", "admin", "-n", ns, "-s", file], text);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
