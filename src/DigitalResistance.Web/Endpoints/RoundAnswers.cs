using DigitalResistance.Ledger;
using DigitalResistance.Rounds;

namespace DigitalResistance.Web.Endpoints;

/// <summary>A round in a list.</summary>
/// <param name="Number">1, 2, 3 …</param>
/// <param name="Revision">Raised by every change after the opening.</param>
/// <param name="State">Where it is: <c>draft</c> (withdrawn), <c>open</c>, <c>frozen</c>, <c>allocated</c>, <c>approved</c>, <c>building</c>, <c>signing</c>, <c>broadcast</c>, <c>confirmed</c>, <c>closed</c> or <c>cancelled</c>.</param>
/// <param name="StartsAt">First instant of the scored period.</param>
/// <param name="EndsAt">End of the period, exclusive.</param>
/// <param name="BudgetSat">What is to be given.</param>
/// <param name="PaidSat">What goes on chain; absent before the allocation.</param>
/// <param name="Recipients">How many operators are paid; absent before the allocation.</param>
internal sealed record RoundAnswer(int Number, int Revision, string State, DateTime StartsAt, DateTime EndsAt, long BudgetSat, long? PaidSat, long? Recipients)
{
    public static RoundAnswer Of(PublicRound r) => new(
        r.Number, r.Revision, Words.Snake(r.State), Api.At(r.Terms.StartsAt), Api.At(r.Terms.EndsAt), r.Terms.Budget.Value, r.Sums?.Paid.Value, r.Sums?.Recipients);
}

/// <summary>A round as everybody may see it.</summary>
/// <param name="Round">What the list shows of it.</param>
/// <param name="Terms">What admins decided.</param>
/// <param name="Policy">The rules it lives by: <c>/rounds/{number}/policy.json</c>.</param>
/// <param name="ScoresSha256">Hash of <c>/rounds/{number}/scores.csv</c>; absent before the freeze.</param>
/// <param name="ManifestSha256">Hash of <c>/rounds/{number}/manifest.txt</c>, which approvals are bound to; absent before the allocation.</param>
/// <param name="Sums">The arithmetic; absent before the allocation.</param>
/// <param name="Approvals">The approvals of this manifest.</param>
/// <param name="Tally">How many of them count; absent before the allocation.</param>
/// <param name="DisplayRate">What a bitcoin was worth to readers; absent where the manifest does not say.</param>
/// <param name="OpenedAt">When it was announced.</param>
/// <param name="FrozenAt">When its scores were copied.</param>
/// <param name="AllocatedAt">When its amounts were computed.</param>
/// <param name="ObjectionsUntil">From when on it can be approved.</param>
/// <param name="ApprovedAt">When the last needed approval came.</param>
/// <param name="EndedAt">When it was closed or cancelled.</param>
internal sealed record RoundDetails(
    RoundAnswer Round, TermsAnswer Terms, PolicyAnswer Policy, string? ScoresSha256, string? ManifestSha256, SumsAnswer? Sums,
    IReadOnlyList<ApprovalAnswer> Approvals, TallyAnswer? Tally, RateAnswer? DisplayRate,
    DateTime? OpenedAt, DateTime? FrozenAt, DateTime? AllocatedAt, DateTime? ObjectionsUntil, DateTime? ApprovedAt, DateTime? EndedAt);

/// <summary>What a bitcoin was worth to readers. No sum is computed from it.</summary>
/// <param name="Currency"><c>CHF</c>, <c>EUR</c>, <c>GBP</c>, <c>RUB</c> or <c>USD</c>.</param>
/// <param name="MinorPerBtc">Hundredths of it for one bitcoin.</param>
/// <param name="Source">The site that said so.</param>
/// <param name="Time">When it was so.</param>
internal sealed record RateAnswer(string Currency, long MinorPerBtc, string Source, DateTime Time)
{
    public static RateAnswer Of(DisplayRate r) => new(r.Currency, r.MinorPerBitcoin, r.Source, Api.At(r.At));
}

/// <summary>Terms beyond period and budget.</summary>
/// <param name="CapPpm">Largest part of the budget one operator may get, in millionths.</param>
/// <param name="FloorSat">Smallest payment.</param>
/// <param name="StepSat">Payments are whole multiples of it.</param>
/// <param name="MaxFeeSat">Most that all its transactions together may cost.</param>
/// <param name="MaxFeerateSatVb">Highest fee rate of any of them.</param>
internal sealed record TermsAnswer(int CapPpm, long FloorSat, long StepSat, long MaxFeeSat, int MaxFeerateSatVb)
{
    public static TermsAnswer Of(RoundTerms t) => new(t.CapPpm, t.Floor.Value, t.Step.Value, t.MaxFee.Value, t.MaxFeeRate);
}

/// <summary>The rules of a round.</summary>
/// <param name="Name">Name of the version.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
internal sealed record PolicyAnswer(string Name, string Sha256);

/// <summary>The arithmetic: budget less the three kinds of carry is shares; shares and used credit are what is paid and credited.</summary>
/// <param name="CarryCapSat">What nobody got because of the cap.</param>
/// <param name="CarryRoundingSat">What nobody got because of rounding.</param>
/// <param name="CarryEmptySat">What nobody got because nobody had any weight.</param>
/// <param name="SharesSat">What the division gave.</param>
/// <param name="CreditsUsedSat">Credit of earlier rounds that is paid.</param>
/// <param name="CreditedSat">New credit.</param>
/// <param name="PaidSat">What goes on chain.</param>
/// <param name="Batches">How many transactions that needs.</param>
internal sealed record SumsAnswer(
    long CarryCapSat, long CarryRoundingSat, long CarryEmptySat, long SharesSat, long CreditsUsedSat, long CreditedSat, long PaidSat, long Batches)
{
    public static SumsAnswer Of(RoundSums s, Carry c) => new(
        c.Cap.Value, c.Rounding.Value, c.Empty.Value, s.Shares.Value, s.CreditUsed.Value, s.Credited.Value, s.Paid.Value, s.Batches);
}

/// <summary>One approval.</summary>
/// <param name="Signer">The key's fingerprint, or the admin's name in this round.</param>
/// <param name="Kind"><c>ssh_signature</c> or <c>signed_in</c>.</param>
/// <param name="At">When.</param>
internal sealed record ApprovalAnswer(string Signer, string Kind, DateTime At);

/// <summary>How many approvals count.</summary>
/// <param name="Needed">How many are needed.</param>
/// <param name="SshSignatures">SSH signatures that count.</param>
/// <param name="SignedIn">Signed-in approvals that count.</param>
/// <param name="Suffices">Whether they suffice.</param>
internal sealed record TallyAnswer(int Needed, int SshSignatures, int SignedIn, bool Suffices);

/// <summary>The public row of an operator.</summary>
/// <param name="Token">The operator's name in this round.</param>
/// <param name="Weight">Final weight.</param>
/// <param name="AmountSat">What is paid; absent before the allocation.</param>
internal sealed record RowAnswer(string Token, long Weight, long? AmountSat);
