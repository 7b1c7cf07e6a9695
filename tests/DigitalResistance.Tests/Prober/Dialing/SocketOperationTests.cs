using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Tests.Prober.Dialing;

public sealed class SocketOperationTests
{
    [Fact]
    public async Task Who_lets_go_before_the_end_was_told_does_not_hand_that_end_to_somebody_else()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var operation = SocketOperation.Rent();
        var receiving = operation.ReceiveAsync(socket, new byte[16]);
        socket.Dispose();
        while (!receiving.IsCompleted) await Task.Delay(1, TestContext.Current.CancellationToken);
        operation.Return();

        // More than the pool can hold.
        for (var i = 0; i < 5000; i++) Assert.NotSame(operation, SocketOperation.Rent());
        Assert.Equal(SocketError.OperationAborted, await receiving);
    }
}
