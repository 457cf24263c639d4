"""One source's files taken in: each from the store or anew, and put together by how they relate."""
