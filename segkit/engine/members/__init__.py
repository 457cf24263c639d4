"""Who is where: latches moved by conditions and timers, what people said over them, why each moved."""
