namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>
/// Splits the product of two primes that Telegram asks its clients to split (https://core.telegram.org/mtproto/auth_key#proof-of-work).
/// The number comes from a stranger, so the work is bounded to some milliseconds: an honest one, of at most 63 bits with two factors of
/// about 31, needs a small part of it.
/// </summary>
internal static class PqFactors
{
    private const int MostSteps = 1 << 19;
    private const int StepsPerDivisor = 128;

    /// <summary>The smaller and the larger factor, or null when the number is not such a product.</summary>
    public static (ulong P, ulong Q)? Find(ulong pq)
    {
        if (pq < 6 || pq > long.MaxValue) return null;
        if (pq % 2 == 0) return (2, pq / 2);
        for (var constant = 1UL; constant <= 2; constant++)
        {
            if (new Cycle(pq, constant).FindFactor() is var factor and > 1 && factor < pq) return factor <= pq / factor ? (factor, pq / factor) : (pq / factor, factor);
        }

        return Divisor(3, pq) == 3 ? (3, pq / 3) : null;
    }

    private static ulong Divisor(ulong a, ulong b)
    {
        while (a != 0) (a, b) = (b % a, a);
        return b;
    }

    /// <summary>
    /// Pollard's rho in Brent's form (BIT 20, 1980): differences are multiplied together, and a common divisor is looked for once in a while.
    /// Products are Montgomery's, which divide by 2⁶⁴ on the way; that changes neither the cycles nor the divisors.
    /// </summary>
    private readonly ref struct Cycle
    {
        private readonly ulong _n;
        private readonly ulong _constant;
        private readonly ulong _negativeInverse;

        public Cycle(ulong n, ulong constant)
        {
            (_n, _constant) = (n, constant);
            var inverse = n; // right in 3 bits; each step of Newton's doubles them
            for (var bits = 3; bits < 64; bits *= 2) inverse *= 2 - (n * inverse);
            _negativeInverse = 0 - inverse;
        }

        public ulong FindFactor()
        {
            var (y, product, divisor, steps) = (2UL, 1UL, 1UL, 0);
            for (var round = 1; divisor == 1 && steps < MostSteps; round *= 2)
            {
                var x = y;
                for (var i = 0; i < round; i++) y = Next(y);
                for (var done = 0; done < round && divisor == 1 && steps < MostSteps; done += StepsPerDivisor)
                {
                    var before = y;
                    for (var i = 0; i < Math.Min(StepsPerDivisor, round - done); i++, steps++)
                    {
                        y = Next(y);
                        product = Multiply(product, x > y ? x - y : y - x);
                    }

                    divisor = Divisor(product, _n);
                    if (divisor == _n) return Retrace(x, before);
                }
            }

            return divisor;
        }

        /// <summary>Both factors fell into one batch: its steps are taken again one by one.</summary>
        private ulong Retrace(ulong x, ulong y)
        {
            for (var i = 0; i <= StepsPerDivisor; i++)
            {
                y = Next(y);
                if (Divisor(x > y ? x - y : y - x, _n) is var divisor and > 1) return divisor;
            }

            return _n;
        }

        private ulong Next(ulong y)
        {
            var next = Multiply(y, y) + _constant;
            return next >= _n ? next - _n : next;
        }

        private ulong Multiply(ulong a, ulong b)
        {
            var high = Math.BigMul(a, b, out var low);
            var carried = Math.BigMul(low * _negativeInverse, _n, out _);
            var result = high + carried + (low == 0 ? 0UL : 1UL);
            return result >= _n ? result - _n : result;
        }
    }
}
