using System.ComponentModel;
using System.Globalization;
using DigitalResistance.Data;
using DigitalResistance.Treasury;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// <c>GET /api/v1/donations</c>: what the ledger says of donations. <c>POST /api/v1/donations</c> and <c>GET /api/v1/donations/{token}</c>: a
/// donor's own receipt, for whoever holds its token; as secret as its page, so never stored by a cache nor read from another site.
/// </summary>
internal static class DonationReads
{
    public static RouteGroupBuilder MapDonationReads(this RouteGroupBuilder reads)
    {
        reads.MapGet("/donations", ListAsync).WithTags("donations").WithSummary("Donations that the ledger counts, and those that the chain took back, newest first");
        return reads;
    }

    public static void MapReceipts(this IEndpointRouteBuilder routes)
    {
        var receipts = routes.MapGroup("/api/v1/donations").AllowAnonymous().WithTags("donations").AddEndpointFilter<KnownParameters>();
        receipts.MapPost("", OpenAsync).RequireKey().WithSummary("A fresh address for a donation, and its receipt")
            .ProducesProblem(StatusCodes.Status429TooManyRequests).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        receipts.MapGet("/{token}", FindAsync).WithSummary("What came to a receipt's address").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<Results<Ok<Page<LedgerRow>>, ValidationProblem>> ListAsync(
        [Description("'next' of the page before")] long? after, [Description("Donations of a page: 100 unless told, at most 500")] int? limit, MoneyDb db, CancellationToken cancellation) =>
        LedgerReads.PageAsync(name => name == "kind" ? "donation" : null, after, limit, db, cancellation);

    private static async Task<Results<Created<ReceiptAnswer>, ProblemHttpResult>> OpenAsync(DonationOpening opening, DonationReceipts receipts, HttpResponse response, CancellationToken cancellation)
    {
        response.Headers.CacheControl = "no-store";
        switch (await opening.OpenAsync(DonationOpening.NewToken(), cancellation))
        {
            case DonationResult.Opened { Token: var token }:
                return TypedResults.Created($"/api/v1/donations/{token}", ReceiptAnswer.Of(token, (await receipts.FindAsync(token, cancellation))!));
            case DonationResult.Busy { RetryAfter: var wait }:
                response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                return TypedResults.Problem("Too many addresses were asked for; try again later.", statusCode: StatusCodes.Status429TooManyRequests);
            case DonationResult.SiteClosed:
                return TypedResults.Problem("Donations are not open yet: this registry is still being set up.", statusCode: StatusCodes.Status503ServiceUnavailable);
            default:
                return TypedResults.Problem("There is no treasury yet.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task<Results<Ok<ReceiptAnswer>, ProblemHttpResult>> FindAsync(string token, DonationReceipts receipts, HttpResponse response, CancellationToken cancellation)
    {
        response.Headers.CacheControl = "no-store";
        return await receipts.FindAsync(token, cancellation) is { } receipt
            ? TypedResults.Ok(ReceiptAnswer.Of(token, receipt))
            : TypedResults.Problem("There is no such receipt.", statusCode: StatusCodes.Status404NotFound);
    }
}

/// <summary>A donor's receipt.</summary>
/// <param name="Token">Its secret: its page is <c>/d/{token}</c>.</param>
/// <param name="Address">The address that was made for it alone.</param>
/// <param name="Uri">What a wallet opens (BIP-321).</param>
/// <param name="AddressIndex">Its place on the receiving branch of the published descriptor.</param>
/// <param name="ConfirmationsNeeded">Confirmations after which the ledger counts a payment.</param>
/// <param name="Payments">What came so far.</param>
internal sealed record ReceiptAnswer(string Token, string Address, string Uri, int AddressIndex, int ConfirmationsNeeded, IReadOnlyList<PaymentAnswer> Payments)
{
    public static ReceiptAnswer Of(string token, DonationReceipt r) => new(
        token, r.Address, r.Uri, r.Index, r.Needed, [.. r.Payments.Select(p => new PaymentAnswer(p.Txid, p.Vout, p.Amount.Value, p.Confirmations, p.IsBooked))]);
}

/// <summary>A payment to a receipt's address.</summary>
/// <param name="Txid">Its transaction.</param>
/// <param name="Vout">Its output.</param>
/// <param name="AmountSat">What it is.</param>
/// <param name="Confirmations">How deep; 0 where the chain took it back.</param>
/// <param name="IsBooked">Whether the ledger counts it.</param>
internal sealed record PaymentAnswer(string Txid, int Vout, long AmountSat, int Confirmations, bool IsBooked);
