using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Review;
using DigitalResistance.Rounds;

namespace DigitalResistance.Tests.Verify;

/// <summary>
/// A history that could have happened: donations that come and are taken back, rounds and moves with every detour, payments with replacements
/// and reorganizations. The same seed gives the same history.
/// </summary>
internal sealed class RandomLedger
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Random _random;
    private readonly List<(Sats Amount, string Txid)> _coins = [];
    private readonly List<string> _keys = [];
    private Sats _credits = Sats.Zero;
    private int _number;
    private int _move;
    private string _treasury = "";
    private string[] _holders = [];
    private (string Txid, Sats Left, Sats Fee) _paid;

    private RandomLedger(int seed) => _random = new Random(seed);

    public List<byte[]> Entries { get; } = [];

    public static RandomLedger Make(int seed, string origin, int acts)
    {
        var ledger = new RandomLedger(seed);
        ledger.Say(new LogCreated(origin, $"{origin}+00000000+AQ=="));
        ledger.Say(new TreasuryRotated("regtest", ledger._treasury = ledger.Hex(), null));
        if (seed % 2 == 0) ledger.Say(new TreasuryConfirmed(ledger._treasury, 2, ledger._holders = ["4ba43603", "8dfc9b34", "56c4fac3"]));
        for (var i = 0; i < 3; i++)
        {
            ledger._keys.Add($"SHA256:{ledger.Hex()[..43]}");
            ledger.Say(new KeyAdded("ssh-ed25519 AAAA", ledger._keys[^1], 2));
        }

        for (var i = 0; i < acts; i++) ledger.Act();
        return ledger;
    }

    private void Act()
    {
        switch (_random.Next(10))
        {
            case 9:
                // Nothing rests on it: a reader that does not know it loses nothing.
                Say(new PolicyUpdated(Hex(), "standard-2"));
                break;
            case 8:
                PlayMove();
                break;
            case 0 or 1 or 2:
                _coins.Add((new Sats(_random.Next(1, 50_000_000)), Hex()));
                Say(new DonationConfirmed(_coins[^1].Amount, _coins[^1].Txid, 0, 100, _coins.Count));
                break;
            case 3 when _coins.Count > 0:
                var gone = _coins[_random.Next(_coins.Count)];
                _coins.Remove(gone);
                Say(new DonationReverted(gone.Amount, gone.Txid, 0));
                break;
            case 4:
                var (txid, spent) = (Hex(), new Sats(_random.Next(1, 1000)));
                var back = new Sats(spent.Value * 7 % 1100);
                Say(new TreasurySpentExternal(spent, back, txid, 100, [$"{Hex()}:1"], "mistake", 2));
                if (_random.Next(2) == 0) Say(new TreasurySpentReverted(spent, back, txid));
                break;
            case 5:
                var coin = new TreasuryReceived(new Sats(_random.Next(1, 1000)), Hex(), 2, 100, 1, 3);
                Say(coin);
                if (_random.Next(2) == 0) Say(new TreasuryReverted(coin.Amount, coin.Txid, 2));
                break;
            case 6 when _credits > Sats.Zero:
                var part = new Sats(1 + _random.NextInt64(_credits.Value));
                _credits -= part;
                Say(new CreditExpired(part, 1));
                break;
            default:
                PlayRound();
                break;
        }
    }

    private void PlayMove()
    {
        var (move, kind, target) = (++_move, (MoveKind)_random.Next(4), _treasury);
        if (kind == MoveKind.Rotation) target = Hex();
        var costs = kind != MoveKind.RunningCosts ? [] : Enumerable.Range(1, _random.Next(1, 4))
            .Select(i => new MoveCost { MoveNumber = move, Line = i, Purpose = (CostPurpose)_random.Next(3), Amount = new Sats(_random.Next(1, 5000)), Address = "" }).ToList();
        var batches = kind is MoveKind.RunningCosts or MoveKind.Rehearsal ? 1 : _random.Next(1, 4);
        var manifest = Hex();
        Say(new MoveProposed(move, kind, manifest, new MoveTerms(_treasury, target, Hex(), costs, batches, new MoveFees(new Sats(100_000), 20))));
        var way = _random.Next(8);
        if (kind == MoveKind.Rehearsal)
        {
            Say(new MoveApproved(move, manifest, 0, 0));
        }
        else if (way > 0)
        {
            Say(new MoveApprovalGiven(move, manifest, _keys[0], [1, 2, 3]));
            Say(new MoveApprovalGiven(move, manifest, "admin-" + Hex()[..16], null));
            Say(new MoveApproved(move, manifest, _random.Next(0, 2), 1));
            if (kind == MoveKind.Rotation)
            {
                Say(new TreasuryRotated("regtest", _treasury = target, null));
                _holders = [];
            }
        }

        if (way < 2)
        {
            Say(new MoveWithdrawn(move));
            return;
        }

        var paid = Sats.Sum(costs.Select(c => c.Amount));
        if (way == 7)
        {
            Lose(PaymentOrder.Move(move), paid, costs.Count);
            Say(new MoveWithdrawn(move));
            return;
        }

        Pay(PaymentOrder.Move(move), [.. Enumerable.Range(0, _random.Next(1, batches + 1)).Select(_ => (paid, costs.Count))], fees => new MoveClosed(move, paid, fees));
        if (kind != MoveKind.Rehearsal) return;
        // Of two holders, in the descriptor's order; of a treasury that nobody confirmed the log cannot say whose keys they are.
        var without = _random.Next(3);
        string[] signers = _holders.Length == 0 ? [Hex()[..8]] : [.. _holders.Where((_, i) => i != without)];
        Say(new TreasuryRehearsed(_treasury, move, _paid.Txid, _paid.Left, _paid.Fee, signers));
    }

    private void PlayRound()
    {
        var (round, revision) = (++_number, 1);
        // Every other round has rules that raise the cap while operators are few.
        var fairShares = round % 2 * _random.Next(1, 6);
        var terms = new RoundTerms(Start, Start.AddDays(30), new Sats(_random.Next(1, 40_000_000)), _random.Next(1, 1_000_001), new Sats(1000), new Sats(_random.Next(1, 1000)), new Sats(100_000), 20);
        Say(new RoundOpened(round, revision, Hex(), terms, fairShares));
        if (Leaves(out var way) && way == 0) { Say(new RoundCancelled(round, revision, "mistake")); return; }
        if (way == 1)
        {
            Say(new RoundWithdrawn(round, ++revision));
            Say(new RoundOpened(round, revision, Hex(), terms, fairShares));
        }

        var claimants = Enumerable.Range(0, _random.Next(0, 30)).Select(_ => new Claimant(Hex()[..16], _random.Next(1, 400), Sats.Zero, _random.Next(4) > 0)).DistinctBy(c => c.Token).ToList();
        if (_credits > Sats.Zero && _random.Next(2) == 0) claimants.Add(new Claimant("zzzzzzzzzzzzzzzz", 0, _credits, true));
        var weighty = claimants.Where(c => c.Weight > 0).OrderBy(c => c.Token, StringComparer.Ordinal).ToList();
        var scores = File("token,weight", weighty.Select(c => $"{c.Token},{c.Weight}"));
        Say(new RoundFrozen(round, revision, scores, weighty.Count));
        foreach (var c in weighty) Say(new ScoreFrozen(round, revision, c.Token, c.Weight, c.Weight % 4 > 0 ? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(c.Token))) : null));
        if (Leaves(out way) && way == 2) { Say(new RoundCancelled(round, revision, "measurement")); return; }

        var decided = new SortedDictionary<string, Eligibility>(StringComparer.Ordinal);
        Review(round, revision, claimants, decided);
        var plan = Allocate(round, revision, terms, fairShares, claimants, decided, out var manifest);
        if (Leaves(out way) && way == 3)
        {
            terms = terms with { Budget = new Sats(terms.Budget.Value / 2 + 1) };
            Say(new RoundRevised(round, ++revision, Hex(), terms, scores, fairShares));
            Review(round, revision, claimants, decided);
            plan = Allocate(round, revision, terms, fairShares, claimants, decided, out manifest);
        }

        foreach (var token in decided.Keys.ToList())
        {
            if (_random.Next(2) == 0) continue;
            Say(new ObjectionRaised(round, revision, token));
            var verdict = (ObjectionVerdict)_random.Next(2);
            Say(new ObjectionDecided(round, revision, token, verdict, 2));
            if (verdict == ObjectionVerdict.Dismissed) continue;
            Say(new RoundRevised(round, ++revision, Hex(), terms, scores, fairShares));
            Say(new OperatorCleared(round, revision, token, DecisionReason.ObjectionUpheld));
            decided.Remove(token);
            plan = Allocate(round, revision, terms, fairShares, claimants, decided, out manifest);
        }

        Approve(round, revision, manifest, plan);
        if (plan.Paid == Sats.Zero) Say(new RoundClosed(round, revision, Sats.Zero, Sats.Zero));
        else if (_random.Next(6) == 0 && _credits >= plan.Credited - plan.CreditUsed)
        {
            Lose(PaymentOrder.Round(round), plan.Paid, plan.Recipients);
            Say(new RoundCancelled(round, revision, "safety"));
            _credits -= plan.Credited - plan.CreditUsed;
        }
        else
        {
            var half = plan.Recipients > 1 ? plan.Lines.First(l => l.Paid > Sats.Zero).Paid : Sats.Zero;
            Pay(PaymentOrder.Round(round), half > Sats.Zero ? [(half, 1), (plan.Paid - half, 2)] : [(plan.Paid, 1)], fees => new RoundClosed(round, revision, plan.Paid, fees));
        }
    }

    private void Review(int round, int revision, List<Claimant> claimants, SortedDictionary<string, Eligibility> decided)
    {
        foreach (var token in claimants.Select(c => c.Token))
        {
            var way = _random.Next(12);
            var (before, reason) = (decided.GetValueOrDefault(token), DecisionReasons.Against[_random.Next(7)]);
            if (way == 0 && before != Eligibility.Held) Say(new OperatorHeld(round, revision, token, reason));
            else if (way == 1 && before != Eligibility.Excluded) Say(new OperatorExcluded(round, revision, token, reason));
            else if (way == 2 && before != Eligibility.Eligible) Say(new OperatorCleared(round, revision, token, DecisionReason.Explained));
            else continue;
            if (way == 2) decided.Remove(token);
            else decided[token] = way == 0 ? Eligibility.Held : Eligibility.Excluded;
        }
    }

    private RoundPlan Allocate(int round, int revision, RoundTerms terms, int fairShares, List<Claimant> claimants, SortedDictionary<string, Eligibility> decided, out string manifest)
    {
        var plan = RoundPlan.Create(round, terms, claimants.ConvertAll(c => decided.TryGetValue(c.Token, out var standing)
            ? c with { HasAddress = false, Weight = standing == Eligibility.Excluded ? 0 : c.Weight }
            : c), fairShares);
        manifest = Hex();
        var paid = plan.Lines.Where(l => l.Paid > Sats.Zero).ToList();
        Say(new RoundAllocated(round, revision, manifest, File("token,amount_sat", paid.Select(l => $"{l.Token},{l.Paid.Value}")), plan));
        foreach (var line in paid) Say(new GrantAllocated(round, revision, line.Token, line.Paid));
        return plan;
    }

    private void Approve(int round, int revision, string manifest, RoundPlan plan)
    {
        if (_random.Next(3) == 0) Say(new ApproverRecused(round, revision, _keys[2]));
        var (ssh, signedIn) = (_random.Next(0, 3), _random.Next(1, 3));
        for (var i = 0; i < ssh; i++) Say(new ApprovalGiven(round, revision, manifest, _keys[i], [1, 2, 3]));
        for (var i = 0; i < signedIn; i++) Say(new ApprovalGiven(round, revision, manifest, Hex()[..16], null));
        Say(new RoundApproved(round, revision, manifest, ssh, signedIn));
        foreach (var (reason, amount) in new[] { ("cap", plan.Carry.Cap), ("rounding", plan.Carry.Rounding), ("empty", plan.Carry.Empty) })
            if (amount > Sats.Zero) Say(new CarryRecorded(round, revision, amount, reason));
        if (plan.Credited > Sats.Zero) Say(new CreditAdded(round, revision, plan.Credited, 1));
        if (plan.CreditUsed > Sats.Zero) Say(new CreditPaid(round, revision, plan.CreditUsed, 1));
        _credits += plan.Credited - plan.CreditUsed;
    }

    private void Pay(PaymentOrder order, (Sats Paid, int Recipients)[] batches, Func<Sats, Entry> close)
    {
        var checkpoint = Entries.Count;
        var fees = Sats.Zero;
        for (var batch = 1; batch <= batches.Length; batch++)
        {
            var (paid, recipients) = batches[batch - 1];
            var fee = new Sats(_random.Next(100, 2000));
            var input = $"{Hex()}:0";
            var name = new BatchTransactionName(order, batch, 1, Hex());
            Say(new PsbtCreated(name, checkpoint, Hex(), [input, $"{Hex()}:1"], paid + fee + new Sats(7), paid, fee, recipients));
            Say(new TxBroadcast(name));
            if (_random.Next(3) == 0)
            {
                var newer = name with { Version = 2, Txid = Hex() };
                fee += new Sats(500);
                var anew = input;
                if (_random.Next(2) == 0)
                {
                    // The coin is gone for good: the newer version need not share one.
                    Say(new TreasuryCoinLost(new Sats(9), input[..64], 0, Hex(), 1, Hex(), 150));
                    anew = $"{Hex()}:0";
                }

                Say(new PsbtCreated(newer, checkpoint, Hex(), [anew], paid + fee + new Sats(1), paid, fee, recipients));
                Say(new TxReplaced(newer, name.Txid));
                Say(new TxBroadcast(newer));
                name = newer;
            }

            Say(new TxConfirmed(name, 200, Hex(), paid, fee));
            if (_random.Next(4) == 0)
            {
                Say(new TxUnconfirmed(name, paid, fee));
                Say(new TxConfirmed(name, 201, Hex(), paid, fee));
            }

            fees += fee;
            _paid = (name.Txid, new Sats(name.Version == 1 ? 7 : 1), fee);
        }

        Say(close(fees));
    }

    // What was built can never be mined: of every version a coin went elsewhere, or can never come back.
    private void Lose(PaymentOrder order, Sats paid, int recipients)
    {
        var (name, coin, fee) = (new BatchTransactionName(order, 1, 1, Hex()), Hex(), new Sats(300));
        Say(new PsbtCreated(name, Entries.Count, Hex(), [$"{coin}:0", $"{Hex()}:1"], paid + fee + new Sats(7), paid, fee, recipients));
        if (_random.Next(2) == 0) Say(new TreasuryCoinLost(new Sats(9), coin, 0, Hex(), 1, Hex(), 150));
        else Say(new TreasurySpentExternal(new Sats(9), new Sats(8), Hex(), 100, [$"{coin}:0"], "consolidation", 2));
    }

    private bool Leaves(out int way) => (way = _random.Next(12)) < 4;

    // At any hour: what may not tell it is cut to the day.
    private void Say(Entry entry) => Entries.Add(entry.ToBytes(Start.AddMinutes(7 * Entries.Count + 1)));

    private string Hex()
    {
        var bytes = new byte[32];
        _random.NextBytes(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static string File(string header, IEnumerable<string> rows) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Concat(rows.Prepend(header).Select(r => r + "\n")))));
}

/// <summary>Somebody with the log's key rewrites its history.</summary>
internal static class Tampering
{
    public static byte[][] Of(IReadOnlyList<byte[]> entries, Random random)
    {
        var forged = entries.ToList();
        var at = random.Next(1, forged.Count);
        var text = Encoding.ASCII.GetString(forged[at]);
        switch (random.Next(10))
        {
            case 0:
                forged.RemoveAt(at);
                break;
            case 1:
                forged.Insert(at, forged[at]);
                break;
            case 2:
                (forged[at], forged[at - 1]) = (forged[at - 1], forged[at]);
                break;
            case 3:
                forged[at] = Encoding.ASCII.GetBytes(Numbers(text, random, n => n + (random.Next(2) == 0 ? 1 : -1)));
                break;
            case 4:
                forged[at] = Encoding.ASCII.GetBytes(Numbers(text, random, n => n * 1_000_000 + 7));
                break;
            case 5:
                forged[at][random.Next(forged[at].Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 6:
                forged[at] = Encoding.ASCII.GetBytes(text.Replace("\"type\":\"", "\"type\":\"x", StringComparison.Ordinal));
                break;
            case 7:
                forged[at] = Encoding.ASCII.GetBytes(text.Replace("\"time\"", "\"times\":1,\"time\"", StringComparison.Ordinal));
                break;
            case 8:
                forged[at] = Encoding.ASCII.GetBytes(System.Text.RegularExpressions.Regex.Replace(text, "T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "T07:30:00Z", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)));
                break;
            default:
                forged[at] = forged[random.Next(forged.Count)];
                break;
        }

        return [.. forged.Select(e => e.ToArray())];
    }

    /// <summary>Changes one number of the entry's JSON.</summary>
    private static string Numbers(string text, Random random, Func<long, long> change)
    {
        var numbers = System.Text.RegularExpressions.Regex.Matches(text, "(?<=:)[0-9]+(?=[,}])", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        var number = numbers[random.Next(numbers.Count)];
        return string.Create(CultureInfo.InvariantCulture, $"{text[..number.Index]}{change(long.Parse(number.Value, CultureInfo.InvariantCulture))}{text[(number.Index + number.Length)..]}");
    }
}
