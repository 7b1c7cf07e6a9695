using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using DigitalResistance.Scoring;
using DigitalResistance.Testing;
using DigitalResistance.Transparency;
using DigitalResistance.Verify.Books;
using DigitalResistance.Verify.Receipts;

namespace DigitalResistance.Tests.Verify;

/// <summary>
/// Registries that committed to something false: every hash and signature is right, and one number, day or slot is not. The honest numbers
/// were computed by hand from <c>docs/specs/evidence.md</c>.
/// </summary>
public sealed class EvidenceCheckTests
{
    private static readonly Dictionary<string, Action<Committed>> Lies = new(StringComparer.Ordinal)
    {
        ["server 1: weighs more than its bucket, tenure and presence make"] = r => r.Servers[0].Weight = 201,
        ["server 2: weighs more than its bucket, tenure and presence make"] = r => (r.Servers[0].Weight, r.Servers[1].Weight) = (200, -1),
        ["the weights of its servers are not the weight in the log"] = r => r.Weight = 200,
        ["server 1: a number of its evidence cannot be"] = r => r.Servers[0].Tenure = 1_000_001,
        ["its evidence is of another token or round"] = r => r.Token = "abd",
        ["its evidence is of a kind that this version does not know"] = r => r.Type = "weight.opinion",
        ["its policy is not the one that its evidence names"] = r => r.Policy += " ",
        ["its evidence names another policy than its round"] = r => r.RoundsPolicy = new string('0', 64),
        ["its policy has windows that are not made of slots"] = r => r.Change("\"windowSeconds\":3600", "\"windowSeconds\":1000"),
        ["its policy has a number that cannot be: windowSeconds"] = r => r.Change("\"windowSeconds\":3600", "\"windowSeconds\":-3600"),
        ["its policy has a table out of order: buckets"] = r => r.Change("980000", "80000"),
        ["its policy cannot be read"] = r => r.Change("\"tenure\"", "\"tenura\""),
        ["server 2: only passes traffic on, and weighs something"] = r => r.Servers[1].PassesOn = 1,
        ["it has days of a server that its evidence does not have"] = r => r.Days.Add(r.Days[1] with { Server = 2 }),
        ["server 1: has days that the log did not commit to"] = r => r.Servers[0].DaysAs = "",
        ["server 2: its days are not those that the log committed to, all of them and no other"] = r => r.Servers[1].DaysAs = $"sha256:{new string('0', 64)}",
        ["server 2, 2026-03-04 from vantage 1: is out of order, or there twice"] = r => r.Days.Add(r.Days[1]),
        ["server 2, 2026-03-04 from vantage 1: the slots are not those of its leaf"] = r => r.Days[1] = r.Days[1] with { KnownLeaf = new string('0', 64) },
        ["server 1, 2026-03-04 from vantage 1: the log committed to no slots of that day"] = r => r.CommittedDay = "2026-03-03",
        ["server 1, 2026-03-04 from vantage 1: its slots are of another length than the log committed to"] = r => r.CommittedLength = 300,
        ["server 1, slot 2026-03-04 23:50:00 from vantage 1: is not of the round's period"] = r => r.Ends = "2026-03-04T23:50:00Z",
        ["server 2, slot 2026-03-04 05:00:00 from vantage 1: is not a result"] = r => r.Slot(1, 30, [5 << 5, 0, 0, 0, 9]),
        ["server 2, slot 2026-03-04 05:10:00 from vantage 1: is not a result"] = r => r.Slot(1, 31, [(1 << 5) | (2 << 2), 0, 0, 0, 9]),
        ["server 2, slot 2026-03-04 05:20:00 from vantage 1: is not a result"] = r => r.Slot(1, 32, [(1 << 5) | (3 << 2), 0, 12, 0, 9]),
        // One failed slot of the second server is made a success, and one that nobody saw.
        ["server 2: its availability is 962121 as computed here, and 954545 in its evidence"] = r => r.Slot(1, 143, Committed.Ok),
        ["server 1: its number of slots that count is 131 as computed here, and 132 in its evidence"] = r => r.Slot(0, 143, [0, 0, 0, 0, 0]),
        ["server 2: its bucket's weight is 100 as computed here, and 200 in its evidence"] = r => r.Servers[1].Bucket = 200,
        ["server 2: its tenure factor is 500000 as computed here, and 1000000 in its evidence"] = r => r.Servers[1].Tenure = 1_000_000,
        ["server 2: its tenure factor is 1000000 as computed here, and 500000 in its evidence"] = r => r.Servers[1].Proven -= 14 * 3_600,
        ["server 2: its presence factor is 250000 as computed here, and 1000000 in its evidence"] = r => r.Servers[1].Presence = 1_000_000,
        ["server 1: its presence factor is 250000 as computed here, and 1000000 in its evidence"] = r => r.Servers[0].Listed = $"{Committed.Midnight}-{Committed.Midnight + 43_200}",
        ["server 1: the times in which it was listed cannot be"] = r => r.Servers[0].Listed = $"{Committed.Midnight}-{Committed.Midnight + 86_400} {Committed.Midnight + 43_200}-{Committed.Midnight + 86_400}",
        ["server 2: its number of slots that count is 126 as computed here, and 132 in its evidence"] = r => r.Servers[1].Moved = $"{Committed.Midnight + 82_800}-{Committed.Midnight + 86_400}",
        ["server 2: the times before its moves cannot be"] = r => r.Servers[1].Moved = $"{Committed.Midnight + 82_800}-{Committed.Midnight + 86_401}",
        ["server 1: the times before its moves cannot be"] = r => r.Servers[0].Moved = $"{Committed.Midnight + 600}-{Committed.Midnight + 1_800} {Committed.Midnight + 1_200}-{Committed.Midnight + 2_400}",
        ["server 1: more is forgiven before its moves than 48 hours in 30 days"] = r =>
            (r.Starts, r.Servers[0].Moved) = ("2026-03-01T00:00:00Z", $"{Committed.Midnight - 172_800}-{Committed.Midnight - 86_400} {Committed.Midnight - 3_600}-{Committed.Midnight + 82_801}"),
        ["its round has no period"] = r => (r.Starts, r.Ends) = (r.Ends, r.Starts),
    };

    public static TheoryData<string> Findings => [.. Lies.Keys];

    [Fact]
    public void An_honest_evidence_is_made_again_number_by_number()
    {
        var (says, notChecked) = Run(new Committed());
        Assert.Empty(notChecked);
        Assert.Equal(["evidence: 2 servers, whose weights add up to 199 (212 before the caps of shared machines and networks)"], says);
    }

    [Theory]
    [MemberData(nameof(Findings))]
    public void A_false_one_is_refused_although_the_log_committed_to_it(string finding)
    {
        var committed = new Committed();
        Lies[finding](committed);
        Assert.Equal(finding, Assert.ThrowsAny<Exception>(() => Run(committed)).Message);
    }

    [Fact]
    public void What_the_commitment_does_not_cover_is_refused()
    {
        var committed = new Committed();
        var evidence = committed.Evidence();
        var weight = committed.Entry(evidence);
        Assert.Equal("its evidence is not what the log committed to", Assert.Throws<BookFaultException>(() => EvidenceCheck.Read(evidence with { Salt = [1, .. evidence.Salt[1..]] }, weight, [])).Message);
    }

    [Fact]
    public void What_only_the_registry_knows_is_named_with_its_server()
    {
        Assert.Equal(
            "server 2: why 4 of its 12 are left: its owner's other servers would leave 11, and who else shares its machine or network is the registry's word",
            Assert.Single(Run(new Committed(), r => r.Servers[1].Weight = 4).NotChecked));
        Assert.Equal("server 2: that it only passes traffic on to another server is the registry's word", Assert.Single(Run(new Committed(), r =>
        {
            (r.Servers[1].PassesOn, r.Servers[1].Weight, r.Servers[0].Weight) = (1, 0, 200);
        }).NotChecked));
        Assert.Equal("server 2: its availability: its days are not in the bundle, since its key was destroyed after the freeze, or they are kept no longer", Assert.Single(Run(new Committed(), r =>
        {
            r.Servers[1].DaysAs = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(r.Days[1].Leaf()))}";
            r.Days.RemoveAt(1);
        }).NotChecked));
        Assert.Equal("server 2: its availability: the log committed to no days of it, because its key was destroyed before the freeze", Assert.Single(Run(new Committed(), r =>
        {
            r.Servers[1].DaysAs = "";
            r.Days.RemoveAt(1);
        }).NotChecked));
        // Machines of their own share nothing, and the networks' cap alone takes as much here.
        Assert.Empty(Run(new Committed(), r => r.Servers[1].Machine = 1).NotChecked);
        Assert.Equal(2, Run(new Committed(), r => (r.Servers[1].Machine, r.Servers[1].Network) = (1, 1)).NotChecked.Count);
    }

    [Fact]
    public void What_failed_before_a_move_is_left_out_of_both_sides() => Assert.Empty(Run(new Committed(), r =>
    {
        var mover = r.Servers[1];
        (mover.Moved, mover.Slots, mover.Availability, mover.Bucket) = ($"{Committed.Midnight + 82_800}-{Committed.Midnight + 86_400}", 126, 1_000_000, 200);
        (r.Servers[0].Weight, mover.Weight) = (177, 22);
    }).NotChecked);

    [Fact]
    public void Both_programs_make_the_same_availability_of_any_slots() =>
        (from window in Gen.Int[1, 12] from coverage in Gen.Int[1, 1_000_000] from least in Gen.Int[1, 3] from first in Gen.Int[0, 40] from count in Gen.Int[1, 150]
         from slots in Gen.Select(Gen.Int[0, 200], Gen.Int[1, 4], Gen.Int[0, 2]).Array[0, 300]
         select (window, coverage, least, first, count, slots)).Sample(x =>
        {
            var (from, until) = (Committed.Midnight + (x.first * 600L), Committed.Midnight + ((x.first + x.count) * 600L));
            var policy = Policy.Standard with { SlotSeconds = 600, WindowSeconds = 600 * x.window, WindowCoveragePpm = x.coverage, MinVantages = x.least };
            var ours = new AvailabilityTally(policy, DateTimeOffset.FromUnixTimeSeconds(from), DateTimeOffset.FromUnixTimeSeconds(until));
            var theirs = new SlotTally(new(600, 600 * x.window, x.coverage, x.least, [], [], [], 1, 1), from, until);
            foreach (var (slot, vantage, outcome) in x.slots)
            {
                var at = Committed.Midnight + (slot * 600L);
                ours.Add(vantage, at, (SlotOutcome)outcome);
                if (at >= from && at < until && outcome > 0) theirs.Add(vantage, at, outcome == (int)SlotOutcome.Ok);
            }

            var result = ours.Result();
            Assert.Equal((result.Ppm, result.ValidSlots), ((int?)theirs.Availability(), (int)theirs.Valid));
        }, iter: Needs.Depth(2_000, 200_000));

    private static (List<string> Says, List<string> NotChecked) Run(Committed committed, Action<Committed>? change = null)
    {
        change?.Invoke(committed);
        var (evidence, says) = (committed.Evidence(), new List<string>());
        var servers = EvidenceCheck.Read(evidence, committed.Entry(evidence), says);
        var policy = EvidenceCheck.Policy(evidence, Encoding.ASCII.GetBytes(committed.Policy));
        var notChecked = EvidenceCheck.Caps(servers, policy).ToList();
        notChecked.AddRange(BundleCheck.Measure(new ProofBundle([]) { Evidence = evidence, Policy = Encoding.ASCII.GetBytes(committed.Policy), Days = committed.Days }, servers, policy, committed.Entry(evidence), committed.Books(), []));
        return (says, notChecked);
    }

    /// <summary>
    /// One day, committed to from two o'clock on: 132 slots. The first server carried in all of them; the second failed in the last hour, was
    /// proven ten hours before the end and listed for the second half, and stands on the machine of the first.
    /// </summary>
    private sealed class Committed
    {
        public const long Midnight = 1_772_582_400;
        public static readonly byte[] Ok = [(1 << 5) | (3 << 2), 0, 0, 0, 80], Fail = [(2 << 5) | (2 << 2) | 1, 12, 12, 0, 80];
        private const string Honest = """{"buckets":[{"fromPpm":900000,"weight":100},{"fromPpm":980000,"weight":200}],"minVantages":1,"presence":[{"fromPpm":250000,"factorPpm":250000},{"fromPpm":950000,"factorPpm":1000000}],"serversPerAddress":1,"serversPerNetwork":1,"slotSeconds":600,"tenure":[{"fromHours":0,"factorPpm":500000},{"fromHours":24,"factorPpm":1000000}],"windowCoveragePpm":500000,"windowSeconds":3600}""";
        private string _named = Hash(Honest);

        public List<Server> Servers { get; } =
        [
            new() { Availability = 1_000_000, Slots = 132, Bucket = 200, Tenure = 1_000_000, Presence = 1_000_000, Weight = 188, Proven = Midnight, Listed = $"{Midnight}-{Midnight + 86_400}" },
            new() { Availability = 954_545, Slots = 132, Bucket = 100, Tenure = 500_000, Presence = 250_000, Weight = 11, Proven = Midnight + (14 * 3_600), Listed = $"{Midnight + 43_200}-{Midnight + 86_400}" },
        ];

        public List<EvidenceDay> Days { get; } = [Day(0, slot => slot < 12 ? Fail : Ok), Day(1, slot => slot < 12 ? Ok : slot < 138 ? Ok : Fail)];

        public string Policy { get; set; } = Honest;

        public string RoundsPolicy { get; set; } = Hash(Honest);

        public long? Weight { get; set; }

        public string Token { get; set; } = "abc";

        public string Type { get; set; } = "weight.evidence";

        public string Starts { get; set; } = "2026-03-04T00:00:00Z";

        public string Ends { get; set; } = "2026-03-05T00:00:00Z";

        public string CommittedDay { get; set; } = "2026-03-04";

        public long CommittedLength { get; set; } = 600;

        /// <summary>Another policy, and everybody names it.</summary>
        public void Change(string what, string instead) => RoundsPolicy = _named = Hash(Policy = Policy.Replace(what, instead, StringComparison.Ordinal));

        /// <summary>Another result in a slot, which leaf and digest follow.</summary>
        public void Slot(int server, int slot, byte[] record)
        {
            record.CopyTo(Days[server].Slots.AsSpan(slot * 5));
            Days[server] = Days[server] with { KnownLeaf = Convert.ToHexStringLower(Days[server].Leaf()) };
        }

        public EvidenceStatement Evidence() => new(new byte[EvidenceStatement.SaltLength], new CanonicalObject().Add("policy", $"sha256:{_named}").Add("round", 7)
            .Add("servers", Servers.Select((s, i) => Said(s, Days.Where(d => d.Server == i)))).Add("token", Token).Add("type", Type).Add("v", 1).ToBytes());

        public CanonicalObject Entry(EvidenceStatement evidence) => new CanonicalObject().Add("evidence", $"sha256:{evidence.Commitment}").Add("revision", 1).Add("round", 7)
            .Add("token", "abc").Add("type", "score.frozen").Add("weight", Weight ?? Servers.Sum(s => s.Weight));

        public LedgerBooks Books()
        {
            var books = new LedgerBooks("test");
            var weight = Servers.Sum(s => s.Weight);
            Tell(0, "log.created", e => e.Add("origin", "test").Add("key", "k"));
            Tell(1, "schedule.committed", e => e.Add("day", CommittedDay).Add("from", $"{CommittedDay}T02:00:00Z").Add("slot_s", CommittedLength).Add("policy", Zero).Add("targets", Zero).Add("seed", Zero));
            Tell(2, "round.opened", e => e.Add("round", 7).Add("revision", 1).Add("policy", $"sha256:{RoundsPolicy}").Add("starts", Starts).Add("ends", Ends)
                .Add("budget_sat", 1).Add("cap_ppm", 1).Add("floor_sat", 1).Add("step_sat", 1).Add("max_fee_sat", 1).Add("max_feerate_sat_vb", 1));
            Tell(3, "round.frozen", e => e.Add("round", 7).Add("revision", 1).Add("operators", 1).Add("scores", $"sha256:{Hash(string.Create(CultureInfo.InvariantCulture, $"token,weight\nabc,{weight}\n"))}"));
            Tell(4, "score.frozen", e => e.Add("round", 7).Add("revision", 1).Add("token", "abc").Add("weight", weight));
            return books;

            void Tell(long index, string type, Func<CanonicalObject, CanonicalObject> members) =>
                books.Read(index, members(new CanonicalObject().Add("v", 1).Add("type", type).Add("time", "2026-03-05T00:00:00Z")).ToBytes());
        }

        private static string Zero { get; } = $"sha256:{new string('0', 64)}";

        private static CanonicalObject Said(Server s, IEnumerable<EvidenceDay> days)
        {
            var said = new CanonicalObject().Add("availability_ppm", s.Availability).Add("valid_slots", s.Slots).Add("bucket", s.Bucket).Add("tenure_ppm", s.Tenure).Add("presence_ppm", s.Presence)
                .Add("weight", s.Weight).Add("proven", s.Proven).Add("listed", s.Listed).Add("passes_on", s.PassesOn).Add("machine", s.Machine).Add("network", s.Network);
            if (s.Moved is { } moved) said.Add("moved", moved);
            return s.DaysAs is "" ? said : said.Add("days", s.DaysAs ?? $"sha256:{Convert.ToHexStringLower(SHA256.HashData([.. days.SelectMany(d => d.Leaf())]))}");
        }

        private static EvidenceDay Day(int server, Func<int, byte[]> slot)
        {
            var day = new EvidenceDay(server, "2026-03-04", 1, 600, [.. Enumerable.Repeat((byte)server, 32)], [.. Enumerable.Range(0, 144).SelectMany(slot)]);
            return day with { KnownLeaf = Convert.ToHexStringLower(day.Leaf()) };
        }

        private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
    }

    private sealed class Server
    {
        public required long Availability { get; set; }
        public required long Slots { get; set; }
        public required long Bucket { get; set; }
        public required long Tenure { get; set; }
        public required long Presence { get; set; }
        public required long Weight { get; set; }
        public required long Proven { get; set; }
        public required string Listed { get; set; }
        public string? Moved { get; set; }
        public long PassesOn { get; set; }
        public long Machine { get; set; }
        public long Network { get; set; }

        /// <summary>What is said of the days instead of their hash; nothing at all where it is empty.</summary>
        public string? DaysAs { get; set; }
    }
}
