using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>One JSON-RPC call to the configured node at a time per caller: authentication, time limit and size limit in one place.</summary>
public sealed class NodeConnection(IHttpClientFactory clients, IOptions<BitcoinOptions> options)
{
    /// <summary>Name of the client in <see cref="IHttpClientFactory"/>.</summary>
    public const string ClientName = "bitcoin-node";

    /// <summary>A block of four million weight units, in hexadecimal digits, and some room.</summary>
    internal const int MaxAnswer = 9_000_000;

    // Bitcoin Core, rpc/protocol.h: it answers everything with this while it reads its own blocks after a start.
    private const int WarmingUp = -28;

    private AuthenticationHeaderValue? _authentication;

    /// <summary>
    /// Calls a method. Throws <see cref="NodeException"/> where the node says no, <see cref="ChainUnavailableException"/> where it does
    /// not answer; then the call may or may not have had its effect.
    /// </summary>
    internal async Task<JsonElement> CallAsync(string method, object[] parameters, CancellationToken cancellation)
    {
        try
        {
            var body = await SendAsync(method, parameters, freshCredentials: false, cancellation)
                // The cookie changes whenever the node restarts.
                ?? await SendAsync(method, parameters, freshCredentials: true, cancellation)
                ?? throw new ChainUnavailableException("The bitcoin node refuses our user and password.");
            if (body.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
            {
                var refusal = new NodeException(error.GetProperty("code").GetInt32(), error.TryGetProperty("message", out var text) ? text.GetString() ?? "" : "");
                throw refusal.Code == WarmingUp ? new ChainUnavailableException("The bitcoin node is still starting.", refusal) : refusal;
            }

            return body.GetProperty("result");
        }
        catch (Exception exception) when (IsOutage(exception, cancellation))
        {
            throw new ChainUnavailableException($"The bitcoin node did not answer '{method}'.", exception);
        }
    }

    private async Task<JsonElement?> SendAsync(string method, object[] parameters, bool freshCredentials, CancellationToken cancellation)
    {
        if (freshCredentials || _authentication is null) _authentication = await ReadCredentialsAsync(cancellation);
        using var client = clients.CreateClient(ClientName);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Value.NodeUrl);
        request.Headers.Authorization = _authentication;
        request.Content = JsonContent.Create(new { jsonrpc = "1.0", id = 1, method, @params = parameters });
        using var response = await client.SendAsync(request, cancellation);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) return null;
        // The node answers 404 and 500 with a JSON error: the body, not the status, says what happened.
        return await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
    }

    private async Task<AuthenticationHeaderValue> ReadCredentialsAsync(CancellationToken cancellation)
    {
        var node = options.Value;
        var pair = node.NodeCookieFile is { Length: > 0 } cookie
            ? await File.ReadAllTextAsync(cookie, cancellation)
            : $"{node.NodeUser}:{(node.NodePasswordFile is { Length: > 0 } file ? await File.ReadAllTextAsync(file, cancellation) : node.NodePassword)?.TrimEnd()}";
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
    }

    // HttpClient lets a bare SocketException through where the other end resets a connection at the moment it is made.
    private static bool IsOutage(Exception exception, CancellationToken cancellation) =>
        exception is HttpRequestException or SocketException or IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException
        || (exception is OperationCanceledException && !cancellation.IsCancellationRequested);
}

/// <summary>The node understood the question and said no.</summary>
public sealed class NodeException(int code, string text) : Exception($"The bitcoin node said {code}: {text}")
{
    /// <summary>The node's error code.</summary>
    public int Code { get; } = code;

    /// <summary>The node's own words.</summary>
    public string Text { get; } = text;
}
