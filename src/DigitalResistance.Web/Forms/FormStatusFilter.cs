using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace DigitalResistance.Web.Forms;

/// <summary>
/// Gives a form its honest status: a page shown again with mistakes is 422, a body above the page's limit is 413.
/// </summary>
internal sealed class FormStatusFilter : IAsyncPageFilter, IAuthorizationFilter, IOrderedFilter
{
    /// <summary>After <c>[RequestSizeLimit]</c> (900) set the limit, before antiforgery (1000) reads the form and would say 400.</summary>
    public int Order => 950;

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var limit = context.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize;
        if (context.HttpContext.Request.ContentLength > limit) context.Result = new StatusCodeResult(StatusCodes.Status413PayloadTooLarge);
    }

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var executed = await next();
        if (executed.Result is PageResult { StatusCode: null } page && !context.ModelState.IsValid && HttpMethods.IsPost(context.HttpContext.Request.Method))
            page.StatusCode = StatusCodes.Status422UnprocessableEntity;
    }
}
