using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Forms;

/// <summary>
/// Gives a form its honest status: a page shown again with mistakes is 422, a body above the page's limit is 413.
/// </summary>
internal sealed class FormStatusFilter : IAsyncPageFilter, IAsyncAuthorizationFilter, IOrderedFilter
{
    /// <summary>After <c>[RequestSizeLimit]</c> (900) set the limit, before antiforgery (1000) reads the form and would say 400.</summary>
    public int Order => 950;

    /// <summary>So much of what is too large is read and thrown away: a browser shows no answer before it has sent everything.</summary>
    private const long MostDiscarded = 32 * 1024 * 1024;

    public async Task OnAuthorizationAsync(AuthorizationFilterContext context)
    {
        var request = context.HttpContext.Request;
        if (context.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { } limit || !(request.ContentLength > limit.MaxRequestBodySize)) return;
        context.Result = new StatusCodeResult(StatusCodes.Status413PayloadTooLarge);
        if (limit.IsReadOnly || request.ContentLength > MostDiscarded) return;
        limit.MaxRequestBodySize = request.ContentLength;
        await request.Body.CopyToAsync(Stream.Null, context.HttpContext.RequestAborted);
    }

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var executed = await next();
        if (executed.Result is PageResult { StatusCode: null } page && !context.ModelState.IsValid && HttpMethods.IsPost(context.HttpContext.Request.Method))
            page.StatusCode = StatusCodes.Status422UnprocessableEntity;
    }
}
