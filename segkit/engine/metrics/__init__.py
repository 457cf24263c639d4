"""How every metric is computed: one function `(Context, Metric, shift_days) -> Values` each."""
