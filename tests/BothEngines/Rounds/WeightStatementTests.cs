using System.Text;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Testing.Rounds;

public sealed class WeightStatementTests
{
    [Fact]
    public async Task The_log_commits_to_what_each_weight_was_made_from_and_tells_nothing_of_it()
    {
        await using var world = await RoundsWorld.CreateAsync();
        // Two who are measured alike: without a salt their commitments would tell as much.
        var (first, second) = (await world.OperatorAsync([600, 300]), await world.OperatorAsync([600, 300]));
        await world.OperatorAsync([0]);
        await world.FrozenAsync();

        var entries = (await world.On(db => db.Set<LedgerEntry>().Where(e => e.Type == "score.frozen").Select(e => e.Bytes).ToListAsync())).ConvertAll(b => CanonicalObject.Parse(b));
        Assert.Equal(2, entries.Select(e => e.Text("evidence")).Distinct().Count());
        foreach (var account in new[] { first, second })
        {
            var grant = await world.GrantAsync(account);
            var evidence = grant.Evidence!;
            Assert.Equal($"sha256:{evidence.Commitment}", entries.Single(e => e.Text("token") == grant.Token).Text("evidence"));
            Assert.Equal(EvidenceStatement.SaltLength, evidence.Salt.Length);
            var again = EvidenceStatement.Parse(evidence.ToFile());
            Assert.Equal((evidence.Commitment, Encoding.ASCII.GetString(evidence.Statement)), (again.Commitment, Encoding.ASCII.GetString(again.Statement)));

            var statement = CanonicalObject.Parse(evidence.Statement);
            Assert.Equal(["policy", "round", "servers", "token", "type", "v"], statement.Keys);
            Assert.Equal([300L, 600L], statement.Objects("servers").Select(s => s.Integer("weight")).Order());
            Assert.All(statement.Objects("servers"), server => Assert.Equal(["availability_ppm", "bucket", "listed", "machine", "network", "passes_on", "presence_ppm", "proven", "tenure_ppm", "valid_slots", "weight"], server.Keys));
        }

        Assert.Null((await world.GrantsAsync()).SingleOrDefault(g => g.Weight == 0)?.Evidence);
    }
}
