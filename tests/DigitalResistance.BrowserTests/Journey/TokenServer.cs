using System.Collections.Concurrent;
using System.Net;
using System.Text;
using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>The operators' web server, on which they put the tokens that prove control.</summary>
internal sealed class TokenServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private readonly HttpListener _listener = new();

    public TokenServer()
    {
        Port = PeerProcess.FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _ = AnswerAsync();
    }

    public int Port { get; }

    public void Serve(string path, string token) => _tokens[path] = token;

    public ValueTask DisposeAsync()
    {
        _listener.Close();
        return ValueTask.CompletedTask;
    }

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var found = _tokens.TryGetValue(context.Request.Url!.AbsolutePath, out var token);
                context.Response.StatusCode = found ? 200 : 404;
                context.Response.Close(Encoding.ASCII.GetBytes(token ?? ""), willBlock: true);
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
