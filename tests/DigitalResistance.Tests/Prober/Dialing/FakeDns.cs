using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DigitalResistance.Tests.Prober.Dialing;

/// <summary>A name server on loopback (RFC 1035) that answers with what a test says; a name it does not know does not exist.</summary>
internal sealed class FakeDns : IAsyncDisposable
{
    private const int ServerFailure = 2;
    private const int NameError = 3;

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public FakeDns() => _serving = ServeAsync();

    /// <summary>By name and type ("A", "AAAA", "TXT", "PTR"): the records. The type "FAIL" makes a server failure, "SILENT" no answer at all.</summary>
    public Dictionary<(string Name, string Type), string[]> Records { get; } = [];

    public int Questions { get; private set; }

    public string Address => $"127.0.0.1:{((IPEndPoint)_socket.Client.LocalEndPoint!).Port}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var question = await _socket.ReceiveAsync(_stop.Token);
                Questions++;
                if (Answer(question.Buffer) is { } answer) await _socket.SendAsync(answer, question.RemoteEndPoint, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private byte[]? Answer(byte[] question)
    {
        var (labels, at) = (new List<string>(), 12);
        for (; question[at] != 0; at += question[at] + 1) labels.Add(Encoding.ASCII.GetString(question, at + 1, question[at]));
        var name = string.Join('.', labels);
        var type = BinaryPrimitives.ReadUInt16BigEndian(question.AsSpan(at + 1)) switch { 1 => "A", 28 => "AAAA", 16 => "TXT", 12 => "PTR", var other => $"{other}" };
        if (Records.ContainsKey((name, "SILENT"))) return null;
        var known = Records.Keys.Any(key => key.Name == name);
        var records = Records.GetValueOrDefault((name, type), []);
        var code = Records.ContainsKey((name, "FAIL")) ? ServerFailure : known ? 0 : NameError;
        byte[] header = [question[0], question[1], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)records.Length, 0, 0, 0, 0];
        return [.. header, .. question[12..(at + 5)], .. records.SelectMany(record => Record(question[(at + 1)..(at + 3)], type, record))];
    }

    private static byte[] Record(byte[] typeBytes, string type, string value)
    {
        byte[] data = type switch
        {
            "TXT" => [.. Encoding.UTF8.GetBytes(value).Chunk(200).SelectMany(part => (byte[])[(byte)part.Length, .. part])],
            "PTR" => [.. value.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0],
            _ => IPAddress.Parse(value).GetAddressBytes(),
        };
        return [0xc0, 12, .. typeBytes, 0, 1, 0, 0, 0, 0, (byte)(data.Length >> 8), (byte)data.Length, .. data];
    }
}
