using System.ComponentModel;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DigitalResistance.Web.Endpoints;

/// <summary><c>GET /api/v1/rounds</c>, <c>/rounds/{number}</c> and its rows: what the pages of rounds show.</summary>
internal static class RoundReads
{
    public static RouteGroupBuilder MapRoundReads(this RouteGroupBuilder reads)
    {
        reads.MapGet("/rounds", ListAsync).WithTags("rounds").WithSummary("Announced rounds, newest first");
        reads.MapGet("/rounds/{number:int:min(1)}", FindAsync).WithTags("rounds").WithSummary("One round: terms, sums, approvals, hashes").ProducesProblem(StatusCodes.Status404NotFound);
        reads.MapGet("/rounds/{number:int:min(1)}/rows", RowsAsync).WithTags("rounds").WithSummary("Token, weight and amount of every operator of a frozen round, by token").ProducesProblem(StatusCodes.Status404NotFound);
        return reads;
    }

    private static async Task<Ok<Page<RoundAnswer>>> ListAsync(
        [Description("'next' of the page before")] int? after, [Description("Rounds of a page: 100 unless told, at most 500")] int? limit, PublicRounds all, CancellationToken cancellation)
    {
        var rows = Api.Rows(limit);
        // Rounds are some dozens a year at most: all of them are read.
        var rounds = (await all.ListAsync(cancellation)).Where(r => after is null || r.Number < after).Take(rows + 1);
        return TypedResults.Ok(Api.Page([.. rounds.Select(RoundAnswer.Of)], rows, r => r.Number));
    }

    private static async Task<Results<Ok<RoundDetails>, ProblemHttpResult>> FindAsync(int number, PublicRounds all, CancellationToken cancellation)
    {
        if (await all.FindAsync(number, cancellation) is not { } round) return Missing("There is no such round.");
        var tally = await all.TallyAsync(round, cancellation);
        var approvals = (await all.ApprovalsAsync(round, cancellation)).Select(a => new ApprovalAnswer(a.Signer, Words.Snake(a.Kind), Api.At(a.At)));
        return TypedResults.Ok(new RoundDetails(
            RoundAnswer.Of(round), TermsAnswer.Of(round.Terms), new PolicyAnswer(round.Policy.Name, round.Policy.Sha256),
            round.ScoresSha256, round.ManifestSha256, round.Sums is null ? null : SumsAnswer.Of(round.Sums, round.Carry), [.. approvals],
            tally is null ? null : new TallyAnswer(tally.Needed, tally.SshSignatures, tally.SignedIn, tally.Suffices), round.Rate is null ? null : RateAnswer.Of(round.Rate),
            Api.At(round.OpenedAt), Api.At(round.FrozenAt), Api.At(round.AllocatedAt), Api.At(round.ObjectionsUntil), Api.At(round.ApprovedAt), Api.At(round.EndedAt)));
    }

    private static async Task<Results<Ok<Page<RowAnswer>>, ProblemHttpResult>> RowsAsync(
        int number, [Description("'next' of the page before")] string? after, [Description("Rows of a page: 100 unless told, at most 500")] int? limit, PublicRounds all, CancellationToken cancellation)
    {
        if (await all.FindAsync(number, cancellation) is not { } round) return Missing("There is no such round.");
        if (round.ScoresSha256 is null) return Missing("The round is not frozen yet; it has no rows.");
        var most = Api.Rows(limit);
        var rows = await all.RowsAsync(round, after, most + 1, cancellation);
        return TypedResults.Ok(Api.Page([.. rows.Select(r => new RowAnswer(r.Token, r.Weight, round.Sums is null ? null : r.Amount.Value))], most, r => r.Token));
    }

    private static ProblemHttpResult Missing(string what) => TypedResults.Problem(what, statusCode: StatusCodes.Status404NotFound);
}
