"""Who moved where and by which cause: matrix, waterfalls, stays, who goes back and forth."""
