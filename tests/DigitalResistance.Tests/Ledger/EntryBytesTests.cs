using System.Text;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;

namespace DigitalResistance.Tests.Ledger;

/// <summary>The bytes of every type of entry, written down: a log once published can never be rewritten to a new spelling.</summary>
public sealed class EntryBytesTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.FromHours(3));
    private static readonly string Txid = new('a', 64);
    private static readonly string Sha = new('0', 64);
    private static readonly BatchTransactionName Tx = new(PaymentOrder.Round(7), 2, 1, Txid);
    private static readonly MoveTerms Costs = new(Sha, Sha, Sha, [new MoveCost { MoveNumber = 3, Line = 1, Purpose = CostPurpose.Hosting, Amount = new Sats(70), Address = "bcrt1q" }, new MoveCost { MoveNumber = 3, Line = 2, Purpose = CostPurpose.Audit, Amount = new Sats(10), Address = "bcrt1p" }], 1, new MoveFees(new Sats(50), 20));

    private static readonly RoundTerms Terms = new(new(2026, 1, 1, 0, 0, 0, default), new(2026, 1, 2, 0, 0, 0, default), new Sats(1000), 500_000, new Sats(600), new Sats(100), new Sats(50), 20);
    private static readonly RoundPlan Plan = new([new PlanLine("abcdefgh22345672", 90, new Sats(994), new Sats(1), new Sats(900), new Sats(95))], new Carry(new Sats(6), Sats.Zero, Sats.Zero));

    internal static readonly (Entry Entry, string Bytes)[] Golden =
    [
        (new LogCreated("ledger.example/dr", "ledger.example/dr+00000000+AQ=="), """{"key":"ledger.example/dr+00000000+AQ==","origin":"ledger.example/dr","time":"2026-03-04T02:06:07Z","type":"log.created","v":1}"""),
        (new LogKeyAdded("n+00000000+AQ=="), """{"key":"n+00000000+AQ==","time":"2026-03-04T02:06:07Z","type":"log.key_added","v":1}"""),
        (new LogKeyRevoked("n+00000000+AQ=="), """{"key":"n+00000000+AQ==","time":"2026-03-04T02:06:07Z","type":"log.key_revoked","v":1}"""),
        (new PolicyUpdated(Sha, "standard-1"), $$"""{"name":"standard-1","policy":"sha256:{{Sha}}","time":"2026-03-04T02:06:07Z","type":"policy.updated","v":1}"""),
        (new Incident(IncidentCode.EntriesReadmitted, 12, 15), """{"code":"entries_readmitted","from":12,"time":"2026-03-04T02:06:07Z","to":15,"type":"incident","v":1}"""),
        (new Incident(IncidentCode.ProberOutage), """{"code":"prober_outage","time":"2026-03-04T02:06:07Z","type":"incident","v":1}"""),
        (new RegistrySnapshot(7, new Dictionary<string, int> { ["socks5"] = 24, ["http_connect"] = 16 }, Sha), $$"""{"commitments":"sha256:{{Sha}}","counts":["http_connect=16","socks5=24"],"round":7,"time":"2026-03-04T00:00:00Z","type":"registry.snapshot","v":1}"""),
        (new ScheduleCommitted(new DateOnly(2026, 3, 5), new DateTimeOffset(2026, 3, 5, 0, 0, 0, TimeSpan.Zero), 600, Sha, Sha, Sha), $$"""{"day":"2026-03-05","from":"2026-03-05T00:00:00Z","policy":"sha256:{{Sha}}","seed":"sha256:{{Sha}}","slot_s":600,"targets":"sha256:{{Sha}}","time":"2026-03-04T00:00:00Z","type":"schedule.committed","v":1}"""),
        (new ScheduleRevealed(new DateOnly(2026, 3, 5), "00ff"), """{"day":"2026-03-05","seed":"00ff","time":"2026-03-04T00:00:00Z","type":"schedule.revealed","v":1}"""),
        (new TreasuryRotated("regtest", Sha, "wpkh([00000000/84h/1h/0h]tpub/<0;1>/*)#abcdefgh"), $$"""{"descriptor":"wpkh([00000000/84h/1h/0h]tpub/<0;1>/*)#abcdefgh","descriptor_hash":"sha256:{{Sha}}","network":"regtest","time":"2026-03-04T02:06:07Z","type":"treasury.rotated","v":1}"""),
        (new TreasuryRotated("bitcoin", Sha, null), $$"""{"descriptor_hash":"sha256:{{Sha}}","network":"bitcoin","time":"2026-03-04T02:06:07Z","type":"treasury.rotated","v":1}"""),
        (new TreasuryConfirmed(Sha, 2, ["4ba43603", "8dfc9b34", "56c4fac3"]), $$"""{"descriptor_hash":"sha256:{{Sha}}","fingerprints":["4ba43603","8dfc9b34","56c4fac3"],"threshold":2,"time":"2026-03-04T02:06:07Z","type":"treasury.confirmed","v":1}"""),
        (new TreasuryRehearsed(Sha, 3, Txid, new Sats(48_000), new Sats(900), ["4ba43603", "56c4fac3"]), $$"""{"amount_sat":48000,"descriptor_hash":"sha256:{{Sha}}","fee_sat":900,"fingerprints":["4ba43603","56c4fac3"],"move":3,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"treasury.rehearsed","v":1}"""),
        (new DonationConfirmed(new Sats(5_000_000), Txid, 1, 101, 3), $$"""{"address_index":3,"amount_sat":5000000,"height":101,"time":"2026-03-04T00:00:00Z","txid":"{{Txid}}","type":"donation.confirmed","v":1,"vout":1}"""),
        (new DonationReverted(new Sats(5_000_000), Txid, 1), $$"""{"amount_sat":5000000,"time":"2026-03-04T00:00:00Z","txid":"{{Txid}}","type":"donation.reverted","v":1,"vout":1}"""),
        (new TreasuryReceived(new Sats(7), Txid, 0, 101, 1, 9), $$"""{"address_index":9,"amount_sat":7,"branch":1,"height":101,"time":"2026-03-04T00:00:00Z","txid":"{{Txid}}","type":"treasury.received","v":1,"vout":0}"""),
        (new TreasuryReverted(new Sats(7), Txid, 0), $$"""{"amount_sat":7,"time":"2026-03-04T00:00:00Z","txid":"{{Txid}}","type":"treasury.reverted","v":1,"vout":0}"""),
        (new TreasuryCoinLost(new Sats(7), Txid, 1, Txid, 3, Txid, 104), $$"""{"amount_sat":7,"by":"{{Txid}}","height":104,"input_txid":"{{Txid}}","input_vout":3,"time":"2026-03-04T00:00:00Z","txid":"{{Txid}}","type":"treasury.coin_lost","v":1,"vout":1}"""),
        (new TreasurySpentExternal(new Sats(9), new Sats(4), Txid, 102, [$"{Txid}:0"], "running_costs", 2), $$"""{"height":102,"inputs":["{{Txid}}:0"],"reason":"running_costs","returned_sat":4,"signed_in":2,"spent_sat":9,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"treasury.spent_external","v":1}"""),
        (new TreasurySpentReverted(new Sats(9), new Sats(4), Txid), $$"""{"returned_sat":4,"spent_sat":9,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"treasury.spent_reverted","v":1}"""),
        (new PsbtCreated(Tx, 8123, Sha, [$"{Txid}:0", $"{Txid}:5"], new Sats(100), new Sats(80), new Sats(5), 3), $$"""{"batch":2,"checkpoint_size":8123,"fee_sat":5,"inputs":["{{Txid}}:0","{{Txid}}:5"],"inputs_sat":100,"paid_sat":80,"psbt":"sha256:{{Sha}}","recipients":3,"round":7,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"psbt.created","v":1,"version":1}"""),
        (new TxBroadcast(Tx), $$"""{"batch":2,"round":7,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"tx.broadcast","v":1,"version":1}"""),
        (new TxReplaced(Tx with { Version = 2 }, Sha), $$"""{"batch":2,"replaced":"{{Sha}}","round":7,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"tx.replaced","v":1,"version":2}"""),
        (new TxConfirmed(Tx, 105, Sha, new Sats(80), new Sats(5)), $$"""{"batch":2,"block":"{{Sha}}","fee_sat":5,"height":105,"paid_sat":80,"round":7,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"tx.confirmed","v":1,"version":1}"""),
        (new TxUnconfirmed(Tx, new Sats(80), new Sats(5)), $$"""{"batch":2,"fee_sat":5,"paid_sat":80,"round":7,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"tx.unconfirmed","v":1,"version":1}"""),
        (new TxBroadcast(Tx with { Order = PaymentOrder.Move(3) }), $$"""{"batch":2,"move":3,"time":"2026-03-04T02:06:07Z","txid":"{{Txid}}","type":"tx.broadcast","v":1,"version":1}"""),
        (new MoveProposed(3, MoveKind.RunningCosts, Sha, Costs), $$"""{"batches":1,"costs":["hosting=70","audit=10"],"kind":"running_costs","manifest":"sha256:{{Sha}}","max_fee_sat":50,"max_feerate_sat_vb":20,"move":3,"paid_sat":80,"policy":"sha256:{{Sha}}","target":"sha256:{{Sha}}","time":"2026-03-04T02:06:07Z","treasury":"sha256:{{Sha}}","type":"move.proposed","v":1}"""),
        (new MoveApprovalGiven(3, Sha, "SHA256:abc", [1, 2]), $$"""{"kind":"sshsig","manifest":"sha256:{{Sha}}","move":3,"signature":"AQI=","signer":"SHA256:abc","time":"2026-03-04T02:06:07Z","type":"move.approval","v":1}"""),
        (new MoveApprovalGiven(3, Sha, "admin-abcdefgh22345672", null), $$"""{"kind":"signed_in","manifest":"sha256:{{Sha}}","move":3,"signer":"admin-abcdefgh22345672","time":"2026-03-04T02:06:07Z","type":"move.approval","v":1}"""),
        (new MoveApproved(3, Sha, 1, 1), $$"""{"manifest":"sha256:{{Sha}}","move":3,"signed_in":1,"sshsig":1,"time":"2026-03-04T02:06:07Z","type":"move.approved","v":1}"""),
        (new MoveWithdrawn(3), """{"move":3,"time":"2026-03-04T02:06:07Z","type":"move.withdrawn","v":1}"""),
        (new MoveClosed(3, new Sats(80), new Sats(5)), """{"fee_sat":5,"move":3,"paid_sat":80,"time":"2026-03-04T02:06:07Z","type":"move.closed","v":1}"""),
        (new RoundOpened(7, 2, Sha, Terms), $$"""{"budget_sat":1000,"cap_ppm":500000,"ends":"2026-01-02T00:00:00Z","floor_sat":600,"max_fee_sat":50,"max_feerate_sat_vb":20,"policy":"sha256:{{Sha}}","revision":2,"round":7,"starts":"2026-01-01T00:00:00Z","step_sat":100,"time":"2026-03-04T02:06:07Z","type":"round.opened","v":1}"""),
        (new RoundOpened(7, 2, Sha, Terms, 2), $$"""{"budget_sat":1000,"cap_fair_shares":2,"cap_ppm":500000,"ends":"2026-01-02T00:00:00Z","floor_sat":600,"max_fee_sat":50,"max_feerate_sat_vb":20,"policy":"sha256:{{Sha}}","revision":2,"round":7,"starts":"2026-01-01T00:00:00Z","step_sat":100,"time":"2026-03-04T02:06:07Z","type":"round.opened","v":1}"""),
        (new RoundRevised(7, 2, Sha, Terms, Sha), $$"""{"budget_sat":1000,"cap_ppm":500000,"ends":"2026-01-02T00:00:00Z","floor_sat":600,"max_fee_sat":50,"max_feerate_sat_vb":20,"policy":"sha256:{{Sha}}","revision":2,"round":7,"scores":"sha256:{{Sha}}","starts":"2026-01-01T00:00:00Z","step_sat":100,"time":"2026-03-04T02:06:07Z","type":"round.revised","v":1}"""),
        (new RoundWithdrawn(7, 2), """{"revision":2,"round":7,"time":"2026-03-04T02:06:07Z","type":"round.withdrawn","v":1}"""),
        (new RoundFrozen(7, 2, Sha, 40), $$"""{"operators":40,"revision":2,"round":7,"scores":"sha256:{{Sha}}","time":"2026-03-04T02:06:07Z","type":"round.frozen","v":1}"""),
        (new ScoreFrozen(7, 2, "abcdefgh22345672", 90, new string('e', 64)), """{"evidence":"sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","revision":2,"round":7,"time":"2026-03-04T02:06:07Z","token":"abcdefgh22345672","type":"score.frozen","v":1,"weight":90}"""),
        (new ScoreFrozen(7, 2, "abcdefgh22345672", 90), """{"revision":2,"round":7,"time":"2026-03-04T02:06:07Z","token":"abcdefgh22345672","type":"score.frozen","v":1,"weight":90}"""),
        (new RoundAllocated(7, 2, Sha, Sha, Plan), $$"""{"allocation":"sha256:{{Sha}}","carry_sat":6,"credited_sat":95,"credits_used_sat":1,"manifest":"sha256:{{Sha}}","paid_sat":900,"recipients":1,"revision":2,"round":7,"shares_sat":994,"time":"2026-03-04T02:06:07Z","type":"round.allocated","v":1}"""),
        (new GrantAllocated(7, 2, "abcdefgh22345672", new Sats(900)), """{"amount_sat":900,"revision":2,"round":7,"time":"2026-03-04T02:06:07Z","token":"abcdefgh22345672","type":"grant.allocated","v":1}"""),
        (new OperatorHeld(7, 2, "abcdefgh22345672", DecisionReason.OutagesInStep), """{"reason":"outages_in_step","revision":2,"round":7,"time":"2026-03-04T02:06:07Z","token":"abcdefgh22345672","type":"operator.held","v":1}"""),
        (new OperatorExcluded(7, 2, "abcdefgh22345672", DecisionReason.NotCarryingTraffic), """{"reason":"not_carrying_traffic","revision":2,"round":7,"time":"2026-03-04T02:06:07Z","token":"abcdefgh22345672","type":"operator.excluded","v":1}"""),
        (new OperatorCleared(7, 2, "abcdefgh22345672", DecisionReason.ObjectionUpheld), """{"reason":"objection_upheld","revision":2,"round":7,"time":"2026-03-04T02:06:07Z","token":"abcdefgh22345672","type":"operator.cleared","v":1}"""),
        (new ObjectionRaised(7, 2, "abcdefgh22345672"), """{"revision":2,"round":7,"time":"2026-03-04T02:06:07Z","token":"abcdefgh22345672","type":"objection.raised","v":1}"""),
        (new ObjectionDecided(7, 2, "abcdefgh22345672", ObjectionVerdict.Dismissed, 2), """{"admins":2,"decision":"dismissed","revision":2,"round":7,"time":"2026-03-04T02:06:07Z","token":"abcdefgh22345672","type":"objection.decided","v":1}"""),
        (new ApproverRecused(7, 2, "SHA256:abc"), """{"reason":"recipient","revision":2,"round":7,"signer":"SHA256:abc","time":"2026-03-04T02:06:07Z","type":"recusal","v":1}"""),
        (new ApprovalGiven(7, 2, Sha, "SHA256:abc", [1, 2]), $$"""{"kind":"sshsig","manifest":"sha256:{{Sha}}","revision":2,"round":7,"signature":"AQI=","signer":"SHA256:abc","time":"2026-03-04T02:06:07Z","type":"approval","v":1}"""),
        (new ApprovalGiven(7, 2, Sha, "abcdefgh22345672", null), $$"""{"kind":"signed_in","manifest":"sha256:{{Sha}}","revision":2,"round":7,"signer":"abcdefgh22345672","time":"2026-03-04T02:06:07Z","type":"approval","v":1}"""),
        (new RoundApproved(7, 2, Sha, 1, 1), $$"""{"manifest":"sha256:{{Sha}}","revision":2,"round":7,"signed_in":1,"sshsig":1,"time":"2026-03-04T02:06:07Z","type":"round.approved","v":1}"""),
        (new CarryRecorded(7, 2, new Sats(6), "cap"), """{"amount_sat":6,"reason":"cap","revision":2,"round":7,"time":"2026-03-04T02:06:07Z","type":"carry.recorded","v":1}"""),
        (new CreditAdded(7, 2, new Sats(95), 3), """{"amount_sat":95,"operators":3,"revision":2,"round":7,"time":"2026-03-04T02:06:07Z","type":"credit.added","v":1}"""),
        (new CreditPaid(7, 2, new Sats(1), 1), """{"amount_sat":1,"operators":1,"revision":2,"round":7,"time":"2026-03-04T02:06:07Z","type":"credit.paid","v":1}"""),
        (new CreditExpired(new Sats(5), 1), """{"amount_sat":5,"operators":1,"time":"2026-03-04T02:06:07Z","type":"credit.expired","v":1}"""),
        (new RoundClosed(7, 2, new Sats(900), new Sats(40)), """{"fee_sat":40,"paid_sat":900,"revision":2,"round":7,"time":"2026-03-04T02:06:07Z","type":"round.closed","v":1}"""),
        (new RoundCancelled(7, 2, "funding"), """{"reason":"funding","revision":2,"round":7,"time":"2026-03-04T02:06:07Z","type":"round.cancelled","v":1}"""),
        (new KeyAdded("ssh-ed25519 AAAA", "SHA256:abc", 2), """{"fingerprint":"SHA256:abc","key":"ssh-ed25519 AAAA","role":"admin","signed_in":2,"time":"2026-03-04T02:06:07Z","type":"key.added","v":1}"""),
        (new KeyRevoked("SHA256:abc", 1), """{"fingerprint":"SHA256:abc","role":"admin","signed_in":1,"time":"2026-03-04T02:06:07Z","type":"key.revoked","v":1}"""),
    ];

    public static TheoryData<string> Types => [.. Golden.Select(g => g.Bytes)];

    [Theory]
    [MemberData(nameof(Types))]
    public void An_entry_has_these_bytes_for_ever(string bytes)
    {
        var entry = Golden.Single(g => g.Bytes == bytes).Entry;
        Assert.Equal(bytes, Encoding.ASCII.GetString(entry.ToBytes(At)));
        Assert.Equal(bytes, CanonicalObject.Parse(Encoding.ASCII.GetBytes(bytes)).ToString());
    }

    [Fact]
    public void Every_type_is_written_down()
    {
        var types = typeof(Entry).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Entry)) && !t.IsAbstract);
        Assert.Empty(types.Except(Golden.Select(g => g.Entry.GetType())));
        Assert.Equal(Golden.Select(g => g.Entry.GetType()).Distinct().Count(), Golden.Select(g => g.Entry.Type).Distinct().Count());
    }

    [Fact]
    public void Free_text_cannot_get_in_through_a_hash_and_counts_of_servers_are_rounded()
    {
        Assert.Throws<ArgumentException>(() => new PolicyUpdated("call me at 5", "standard-1").ToBytes(At));
        Assert.Throws<InvalidOperationException>(() => new RegistrySnapshot(1, new Dictionary<string, int> { ["socks5"] = 9 }, Sha).ToBytes(At));
    }

    [Fact]
    public void The_commitment_of_a_payout_is_the_hash_of_the_signed_text_of_its_checkpoint()
    {
        var checkpoint = new Checkpoint("ledger.example/dr", 16, TreeHash.FromBase64("BGMFAWhAi60E0Rrm2kVrOPras7k3LJNeb/hKDPUss3s="));
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(checkpoint.Text)), OpReturnCommitment.Of(checkpoint));
        Assert.Equal("885205183d5d97ae2c0b64d08e222609cc2508587d284c90f846b60a408a8d1e", Convert.ToHexStringLower(OpReturnCommitment.Of(checkpoint)));
    }
}
