using Microsoft.AspNetCore.Http.Metadata;

namespace DigitalResistance.Web.Endpoints;

/// <summary>
/// Refuses a query parameter that the route does not know: a filter that is misspelt and then ignored would answer another question
/// than was asked.
/// </summary>
internal sealed class KnownParameters : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var known = http.GetEndpoint()!.Metadata.GetOrderedMetadata<IParameterBindingMetadata>().Select(p => p.Name).ToList();
        return http.Request.Query.Keys.All(name => known.Contains(name, StringComparer.OrdinalIgnoreCase))
            ? next(context)
            : ValueTask.FromResult<object?>(TypedResults.Problem("The query has a parameter that this address does not know; /openapi/v1.json names those it does.", statusCode: StatusCodes.Status400BadRequest));
    }
}
