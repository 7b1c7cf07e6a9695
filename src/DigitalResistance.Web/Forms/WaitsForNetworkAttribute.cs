namespace DigitalResistance.Web.Forms;

/// <summary>
/// On a page whose POST waits for somebody else's machine: the form's key is claimed first and its answer kept afterwards, so that no
/// lock is held meanwhile. A process that dies in between leaves the key without an answer, and a copy is told to look before trying again.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WaitsForNetworkAttribute : Attribute;
