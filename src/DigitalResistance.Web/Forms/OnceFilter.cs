using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Platform;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace DigitalResistance.Web.Forms;

/// <summary>
/// Every form has one effect, however often it arrives: pressed twice, sent again by a proxy, repeated after a timeout. The handler
/// runs in one transaction with the claim of the form's key and with its answer, which is always a redirect; the copies get the same
/// redirect. A form that comes back with mistakes is not remembered.
/// </summary>
internal sealed class OnceFilter(Idempotency idempotency, ITempDataDictionaryFactory notices) : IAsyncPageFilter, IAsyncAlwaysRunResultFilter, IOrderedFilter
{
    private RequestClaim.First? _claim;

    /// <summary>Outermost, so that cookies which other filters set belong to the answer.</summary>
    public int Order => int.MinValue;

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var http = context.HttpContext;
        var metadata = http.GetEndpoint()!.Metadata;
        if (!HttpMethods.IsPost(http.Request.Method) || metadata.GetMetadata<NoEffectAttribute>() is not null)
        {
            await next();
            return;
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var key = form[FormKeyTagHelper.Name].ToString();
        if (!FormKeyTagHelper.IsKey(key))
        {
            context.Result = new BadRequestResult();
            return;
        }

        Guid? actor = http.User.Identity?.IsAuthenticated == true ? http.User.AccountId() : null;
        var outside = metadata.GetMetadata<WaitsForNetworkAttribute>() is not null;
        var digest = await DigestAsync(http.Request, form, http.RequestAborted);
        switch (await idempotency.ClaimAsync(key, actor, digest, outside, http.RequestAborted))
        {
            case RequestClaim.Repeated { Answer: var answer }:
                context.Result = new RepeatedResult(answer);
                return;
            case RequestClaim.First first:
                http.Response.RegisterForDisposeAsync(first);
                var executed = await next();
                if (executed.Exception is not null && !executed.ExceptionHandled) await first.DisposeAsync();
                else if (executed.Result is IKeepTempDataResult or LocalRedirectResult) _claim = first;
                else await first.ForgetAsync();
                return;
            default:
                context.Result = new StatusCodeResult(StatusCodes.Status409Conflict);
                return;
        }
    }

    public async Task OnResultExecutionAsync(ResultExecutingContext context, ResultExecutionDelegate next)
    {
        var executed = await next();
        if (_claim is not { } claim || (executed.Exception is not null && !executed.ExceptionHandled)) return;
        var response = context.HttpContext.Response;
        notices.GetTempData(context.HttpContext).Save();
        await claim.AnswerAsync(new StoredAnswer(response.StatusCode, response.Headers.Location, [.. response.Headers.SetCookie.OfType<string>()]));
    }

    /// <summary>What was asked for: page, handler and every value, but neither the key nor the antiforgery token, which differs from one showing to the next.</summary>
    private static async Task<byte[]> DigestAsync(HttpRequest request, IFormCollection form, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text)
        {
            hash.AppendData(BitConverter.GetBytes(text.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(text));
        }

        Add(request.Path);
        Add(request.QueryString.Value ?? "");
        foreach (var (name, values) in form.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            if (name is FormKeyTagHelper.Name or "_token") continue;
            Add(name);
            foreach (var value in values) Add(value ?? "");
        }

        foreach (var file in form.Files)
        {
            Add(file.Name);
            await using var content = file.OpenReadStream();
            hash.AppendData(await SHA256.HashDataAsync(content, cancellation));
        }

        return hash.GetHashAndReset();
    }

    private sealed class RepeatedResult(StoredAnswer answer) : IActionResult
    {
        public Task ExecuteResultAsync(ActionContext context)
        {
            var response = context.HttpContext.Response;
            response.StatusCode = answer.Status;
            response.Headers.Location = answer.Location;
            foreach (var cookie in answer.Cookies) response.Headers.Append("Set-Cookie", cookie);
            return Task.CompletedTask;
        }
    }
}
