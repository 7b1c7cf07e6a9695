using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Transparency;

/// <summary>The log whose bytes an independent program published as golden vectors: RFC 8032 TEST 1 key, 300 entries.</summary>
internal static class DemoLog
{
    public const string Origin = "ledger.example/dr";

    public static NoteSigner Signer { get; } = new(Origin, Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));

    public static byte[][] Entries { get; } = [.. Build().Select(e => e.ToBytes())];

    public static TreeHash[] Leaves { get; } = [.. Entries.Select(e => MerkleTree.Leaf(e))];

    /// <summary>Writes the log in steps that end at each of the sizes, one checkpoint each.</summary>
    public static void Write(string folder, params long[] sizes) => Write(folder, Entries, sizes);

    public static void Write(string folder, byte[][] entries, params long[] sizes)
    {
        foreach (var size in sizes)
        {
            var writer = LogWriter.Open(new DurableFolder(folder), Signer.Verifier);
            while (writer.Size < size) writer.Append(entries[writer.Size]);
            writer.Save();
            Assert.True(writer.Publish(new Checkpoint(Origin, writer.Size, writer.Root).Sign(Signer)));
        }
    }

    public static Task<LogReport> VerifyAsync(string folder, params Checkpoint[] older) =>
        new LogVerifier(new FolderLogSource(folder), [Signer.Verifier]).VerifyAsync(older);

    private static IEnumerable<CanonicalObject> Build()
    {
        var z = new string('0', 64);
        yield return Entry("log.created", "2026-01-01T00:00:00Z").Add("network", "regtest").Add("origin", Origin)
            .Add("policy", "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes("policy"))));
        yield return Entry("admin.added", "2026-01-01T00:00:00Z").Add("admin", "a1").Add("vkey", "a1.example+00000000+AQ==");
        yield return Entry("donation.seen", "2026-01-02T00:00:00Z").Add("amount_sat", 5_000_000).Add("txid", z).Add("vout", 0);
        yield return Entry("donation.confirmed", "2026-01-02T01:00:00Z").Add("amount_sat", 5_000_000).Add("txid", z).Add("vout", 0).Add("height", 101).Add("block", z);
        string[] types =
        [
            "registry.snapshot", "round.opened", "round.frozen", "score.frozen", "round.allocated", "grant.allocated", "round.approved", "psbt.created", "tx.broadcast",
            "tx.confirmed", "anchor.completed", "round.closed",
        ];
        foreach (var type in types) yield return Entry(type, "2026-01-31T00:00:00Z").Add("round", 1);
        for (var n = 16; n < 300; n++) yield return Entry("checkpoint.tick", "2026-02-01T00:00:00Z").Add("n", n);
    }

    private static CanonicalObject Entry(string type, string time) => new CanonicalObject().Add("v", 1).Add("type", type).Add("time", time);
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dr-log-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
