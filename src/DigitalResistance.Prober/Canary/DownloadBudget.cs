namespace DigitalResistance.Prober.Canary;

/// <summary>
/// How many megabytes a canary gives away in a day, and to each question one: whoever records a question and asks it again gets nothing, so that nobody but
/// our own vantages can make a canary send.
/// </summary>
/// <param name="mostPerDay">Megabytes in a day.</param>
internal sealed class DownloadBudget(int mostPerDay)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, HashSet<string>> _answered = [];

    /// <summary>Takes one for a question of some day; false when the day's are gone, or this very question was answered before.</summary>
    public bool Take(long epoch, ReadOnlySpan<byte> nonce)
    {
        var question = Convert.ToHexString(nonce);
        lock (_lock)
        {
            // Around midnight two days' keys are good; of older days no question can come any more.
            foreach (var past in _answered.Keys.Where(day => day < epoch - 1).ToArray()) _answered.Remove(past);
            if (!_answered.TryGetValue(epoch, out var answered)) _answered[epoch] = answered = new(StringComparer.Ordinal);
            return answered.Count < mostPerDay && answered.Add(question);
        }
    }
}
