using System.Net.Sockets;

namespace DigitalResistance.Prober.Dialing;

/// <summary>From the operating system's words to the published ones.</summary>
internal static class SocketFailures
{
    public static Failure Classify(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => Failure.ConnectionRefused,
        SocketError.TimedOut => Failure.ConnectionTimeout,
        SocketError.HostUnreachable or SocketError.HostDown or SocketError.HostNotFound => Failure.HostUnreachable,
        SocketError.NetworkUnreachable => Failure.NetworkUnreachable,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NetworkReset => Failure.ConnectionReset,
        SocketError.Shutdown or SocketError.Disconnecting or SocketError.NotConnected => Failure.ConnectionClosed,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.AddressNotAvailable
            or SocketError.AddressAlreadyInUse or SocketError.SystemNotReady or SocketError.ProcessLimit => Failure.VantageExhausted,
        SocketError.NetworkDown or SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported => Failure.FamilyUnavailable,
        SocketError.OperationAborted => Failure.Cancelled,
        _ => Failure.ConnectionFailed,
    };
}
