using System.Buffers;
using System.Globalization;
using DigitalResistance.Transparency;

namespace DigitalResistance.Verify.Books;

/// <summary>
/// The members of every type of entry beside <c>v</c>, <c>type</c> and <c>time</c> (the table of <c>docs/specs/ledger.md</c>): <c>n</c> an integer
/// from 0, <c>t</c> a text, <c>h</c> 64 hexadecimal digits, <c>s</c> the same behind <c>sha256:</c>, <c>c</c> a list of coins, <c>l</c> a list of
/// texts; <c>?</c> may be absent. Nothing else may be there.
/// </summary>
internal static class EntryShapes
{
    private const string Terms = "round:n revision:n policy:s starts:t ends:t budget_sat:n cap_ppm:n cap_fair_shares:n? floor_sat:n step_sat:n max_fee_sat:n max_feerate_sat_vb:n";
    private const string Payment = "round:n? move:n? batch:n version:n txid:h";

    /// <summary>By type.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> ByType { get; } = new Dictionary<string, string>
    {
        ["log.created"] = "origin:t key:t",
        ["log.key_added"] = "key:t",
        ["log.key_revoked"] = "key:t",
        ["policy.updated"] = "policy:s name:t",
        ["incident"] = "code:t from:n? to:n?",
        ["registry.snapshot"] = "round:n commitments:s counts:l",
        ["schedule.committed"] = "day:t from:t slot_s:n policy:s targets:s seed:s",
        ["schedule.revealed"] = "day:t seed:t",
        ["treasury.rotated"] = "network:t descriptor_hash:s descriptor:t?",
        ["treasury.confirmed"] = "descriptor_hash:s threshold:n fingerprints:l",
        ["treasury.rehearsed"] = "descriptor_hash:s move:n txid:h amount_sat:n fee_sat:n fingerprints:l",
        ["donation.confirmed"] = "amount_sat:n txid:h vout:n height:n address_index:n",
        ["donation.reverted"] = "amount_sat:n txid:h vout:n",
        ["treasury.received"] = "amount_sat:n txid:h vout:n height:n branch:n address_index:n",
        ["treasury.reverted"] = "amount_sat:n txid:h vout:n",
        ["treasury.coin_lost"] = "amount_sat:n txid:h vout:n input_txid:h input_vout:n by:h height:n",
        ["treasury.spent_external"] = "spent_sat:n returned_sat:n txid:h height:n inputs:c reason:t signed_in:n",
        ["treasury.spent_reverted"] = "spent_sat:n returned_sat:n txid:h",
        ["round.opened"] = Terms,
        ["round.revised"] = $"{Terms} scores:s",
        ["round.withdrawn"] = "round:n revision:n",
        ["round.cancelled"] = "round:n revision:n reason:t",
        ["round.frozen"] = "round:n revision:n scores:s operators:n",
        ["score.frozen"] = "round:n revision:n token:t weight:n evidence:s?",
        ["round.allocated"] = "round:n revision:n manifest:s allocation:s recipients:n shares_sat:n credits_used_sat:n credited_sat:n paid_sat:n carry_sat:n",
        ["grant.allocated"] = "round:n revision:n token:t amount_sat:n",
        ["operator.held"] = "round:n revision:n token:t reason:t",
        ["operator.excluded"] = "round:n revision:n token:t reason:t",
        ["operator.cleared"] = "round:n revision:n token:t reason:t",
        ["objection.raised"] = "round:n revision:n token:t",
        ["objection.decided"] = "round:n revision:n token:t decision:t admins:n",
        ["recusal"] = "round:n revision:n signer:t reason:t",
        ["approval"] = "round:n revision:n manifest:s signer:t kind:t signature:t?",
        ["round.approved"] = "round:n revision:n manifest:s sshsig:n signed_in:n",
        ["carry.recorded"] = "round:n revision:n amount_sat:n reason:t",
        ["credit.added"] = "round:n revision:n amount_sat:n operators:n",
        ["credit.paid"] = "round:n revision:n amount_sat:n operators:n",
        ["credit.expired"] = "amount_sat:n operators:n",
        ["round.closed"] = "round:n revision:n paid_sat:n fee_sat:n",
        ["key.added"] = "role:t key:t fingerprint:t signed_in:n?",
        ["key.revoked"] = "role:t fingerprint:t signed_in:n?",
        ["move.proposed"] = "move:n kind:t manifest:s policy:s treasury:s target:s costs:l paid_sat:n batches:n max_fee_sat:n max_feerate_sat_vb:n",
        ["move.approval"] = "move:n manifest:s signer:t kind:t signature:t?",
        ["move.approved"] = "move:n manifest:s sshsig:n signed_in:n",
        ["move.withdrawn"] = "move:n",
        ["move.closed"] = "move:n paid_sat:n fee_sat:n",
        ["psbt.created"] = $"{Payment} checkpoint_size:n psbt:s inputs:c inputs_sat:n paid_sat:n fee_sat:n recipients:n",
        ["tx.broadcast"] = Payment,
        ["tx.replaced"] = $"{Payment} replaced:h",
        ["tx.confirmed"] = $"{Payment} height:n block:h paid_sat:n fee_sat:n",
        ["tx.unconfirmed"] = $"{Payment} paid_sat:n fee_sat:n",
    }.ToDictionary(s => s.Key, s => (IReadOnlyDictionary<string, string>)s.Value.Split(' ').Select(m => m.Split(':')).ToDictionary(m => m[0], m => m[1], StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Types whose <c>time</c> is always midnight (marked <em>day</em> in the table): they must not tell the hour of a donation, nor when somebody was at work.</summary>
    public static IReadOnlySet<string> DayOnly { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "registry.snapshot", "schedule.committed", "schedule.revealed", "donation.confirmed", "donation.reverted", "treasury.received", "treasury.reverted", "treasury.coin_lost",
    };

    /// <summary>Throws <see cref="BookFaultException"/> unless the entry has the members of its type and no other.</summary>
    public static void Check(CanonicalObject entry, IReadOnlyDictionary<string, string> members)
    {
        var present = 0;
        foreach (var (name, value) in entry.Members)
        {
            if (name is "v" or "type" or "time") continue;
            BookFaultException.Need(members.TryGetValue(name, out var kind) && Is(kind[0], value), $"the member {name} does not belong here, or is of another kind");
            present++;
        }

        foreach (var (name, kind) in members)
            if (kind.EndsWith('?') && !entry.Has(name)) present++;
        BookFaultException.Need(present == members.Count, "a member is missing");
    }

    private static bool Is(char kind, object value) => (kind, value) switch
    {
        ('n', long number) => number >= 0,
        ('t', string) => true,
        ('h', string text) => IsHash(text),
        ('s', string text) => text.StartsWith("sha256:", StringComparison.Ordinal) && IsHash(text.AsSpan(7)),
        ('c', object[] list) => Array.TrueForAll(list, v => v is string coin && IsCoin(coin)),
        ('l', object[] list) => Array.TrueForAll(list, v => v is string),
        _ => false,
    };

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private static bool IsHash(ReadOnlySpan<char> text) => text.Length == 64 && !text.ContainsAnyExcept(HexDigits);

    private static bool IsCoin(string text) => text.Length is > 65 and <= 75 && text[64] == ':' && IsHash(text.AsSpan(0, 64))
        && long.TryParse(text.AsSpan(65), NumberStyles.None, CultureInfo.InvariantCulture, out var output) && output.ToString(CultureInfo.InvariantCulture) == text[65..];
}
