namespace DigitalResistance.Web.Forms;

/// <summary>
/// On a page whose POST may be repeated without harm (signing in or out, a choice that is kept in a cookie): it takes part in
/// neither the transaction nor the bookkeeping of repeated forms.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NoEffectAttribute : Attribute;
