using System.Security.Cryptography;
using System.Xml.Linq;
using DigitalResistance.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Accounts;

/// <summary>
/// The key ring that protects sessions, forms and authenticator secrets. It lies in the database, so that replicas share it, and is
/// encrypted with a key in a file outside, so that a stolen database or backup reads nothing.
/// </summary>
public static class KeyRing
{
    internal static IServiceCollection AddKeyRing(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("digital-resistance").PersistKeysToDbContext<MoneyDb>();
        services.AddSingleton<KeyRingFile>();
        services.AddOptions<KeyManagementOptions>().Configure<KeyRingFile>((options, file) => options.XmlEncryptor = new Encryptor(file));
        return services;
    }

    /// <summary>Makes the file on a new installation. A database that has a key ring without its file refuses to start: a new file would silently
    /// end every session and every authenticator.</summary>
    public static async Task PrepareAsync(IServiceProvider services, CancellationToken cancellation = default)
    {
        await using var scope = services.CreateAsyncScope();
        var file = scope.ServiceProvider.GetRequiredService<KeyRingFile>();
        if (file.Exists) return;
        if (await scope.ServiceProvider.GetRequiredService<MoneyDb>().Set<DataProtectionKey>().AnyAsync(cancellation))
            throw new InvalidOperationException($"The database has a key ring, but the file that opens it, {file.Path}, is missing. Restore it from the backup of that folder.");
        file.Create();
    }

    private sealed class Encryptor(KeyRingFile file) : IXmlEncryptor
    {
        public EncryptedXmlInfo Encrypt(XElement plaintextElement) =>
            new(new XElement("sealed", Convert.ToBase64String(file.Seal(System.Text.Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting))))), typeof(Decryptor));
    }

    /// <summary>Made by data protection from the type name in the key's XML.</summary>
    internal sealed class Decryptor(IServiceProvider services) : IXmlDecryptor
    {
        public XElement Decrypt(XElement encryptedElement) =>
            XElement.Parse(System.Text.Encoding.UTF8.GetString(services.GetRequiredService<KeyRingFile>().Open(Convert.FromBase64String(encryptedElement.Value))));
    }
}

/// <summary>The file with the key of the key ring: 32 random bytes, readable by its owner only, <c>key-ring.key</c> in the data folder unless configured.</summary>
public sealed class KeyRingFile(IOptions<DatabaseOptions> database, IOptions<AccountsOptions> accounts)
{
    private const int Nonce = 12, Tag = 16;

    /// <summary>Where it is.</summary>
    public string Path { get; } = accounts.Value.KeyRingFile is { Length: > 0 } configured
        ? System.IO.Path.GetFullPath(configured, database.Value.Folder)
        : System.IO.Path.Combine(database.Value.Folder, "key-ring.key");

    internal bool Exists => File.Exists(Path);

    internal void Create()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(Path, options);
        file.Write(RandomNumberGenerator.GetBytes(32));
    }

    internal byte[] Seal(byte[] plain)
    {
        var blob = new byte[Nonce + plain.Length + Tag];
        RandomNumberGenerator.Fill(blob.AsSpan(0, Nonce));
        using var aes = new AesGcm(Read(), Tag);
        aes.Encrypt(blob.AsSpan(0, Nonce), plain, blob.AsSpan(Nonce, plain.Length), blob.AsSpan(Nonce + plain.Length));
        return blob;
    }

    internal byte[] Open(byte[] blob)
    {
        var plain = new byte[blob.Length - Nonce - Tag];
        using var aes = new AesGcm(Read(), Tag);
        aes.Decrypt(blob.AsSpan(0, Nonce), blob.AsSpan(Nonce, plain.Length), blob.AsSpan(Nonce + plain.Length), plain);
        return plain;
    }

    private byte[] Read() => File.ReadAllBytes(Path) is { Length: 32 } key
        ? key
        : throw new InvalidOperationException($"{Path} must hold 32 bytes.");
}
