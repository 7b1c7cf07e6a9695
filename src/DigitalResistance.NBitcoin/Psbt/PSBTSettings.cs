namespace NBitcoin;

/// <summary>Versions of the format.</summary>
public enum PSBTVersion
{
    /// <summary>BIP-174.</summary>
    PSBTv0 = 0,

    /// <summary>BIP-370; recognised and refused here.</summary>
    PSBTv2 = 2,
}

/// <summary>How a PSBT behaves.</summary>
public class PSBTSettings
{
    /// <summary>Finds out scripts that follow from others.</summary>
    public bool IsSmart { get; set; } = true;

    /// <summary>Finalizes without checking.</summary>
    public bool SkipVerifyScript { get; set; }

    /// <summary>The rules that finished inputs are checked by.</summary>
    public ScriptVerify ScriptVerify { get; internal set; } = ScriptVerify.Standard;

    /// <summary>Drops previous transactions where the output alone suffices. Hardware wallets want them: set it to false.</summary>
    public bool AutomaticUTXOTrimming { get; set; } = true;

    /// <summary>A copy.</summary>
    public PSBTSettings Clone() => (PSBTSettings)MemberwiseClone();
}
