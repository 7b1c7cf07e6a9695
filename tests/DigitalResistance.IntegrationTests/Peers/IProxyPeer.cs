namespace DigitalResistance.IntegrationTests.Peers;

/// <summary>A proxy of strangers, running.</summary>
internal interface IProxyPeer : IAsyncDisposable
{
    int Port { get; }

    /// <summary>Stops it where it is, as a machine without memory would.</summary>
    Task FreezeAsync();

    /// <summary>Ends it as a power cut would.</summary>
    Task KillAsync();
}
