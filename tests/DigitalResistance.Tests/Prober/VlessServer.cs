namespace DigitalResistance.Tests.Prober;

/// <summary>A small honest VLESS server over any stream: it leads to loopback ports only, ends without a word where it does not know an id, and answers with the target's first bytes.</summary>
internal static class VlessServer
{
    public static async Task ServeAsync(Stream stream, Guid id, CancellationToken stop)
    {
        var start = await ScriptedServer.ReadAsync(stream, 18, stop);
        if (start[0] != 0 || new Guid(start.AsSpan(1, 16), bigEndian: true) != id) return;
        await ScriptedServer.ReadAsync(stream, start[17], stop);
        if ((await ScriptedServer.ReadAsync(stream, 1, stop))[0] != 1) return;
        using var target = await Relay.DialAsync(await ReadPortAsync(stream, stop), stop);
        if (target is null) return;
        var up = stream.CopyToAsync(target.GetStream(), stop);
        var first = new byte[4096];
        var count = await target.GetStream().ReadAsync(first, stop);
        if (count == 0) return;
        await stream.WriteAsync((byte[])[0, 0, .. first[..count]], stop);
        await Task.WhenAny(up, target.GetStream().CopyToAsync(stream, stop));
    }

    /// <summary>Reads port, kind of address and address.</summary>
    public static async Task<int> ReadPortAsync(Stream stream, CancellationToken stop)
    {
        var start = await ScriptedServer.ReadAsync(stream, 3, stop);
        await ScriptedServer.ReadAsync(stream, start[2] switch { 1 => 4, 3 => 16, _ => (await ScriptedServer.ReadAsync(stream, 1, stop))[0] }, stop);
        return (start[0] << 8) | start[1];
    }
}
