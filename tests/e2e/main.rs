//! What is proven on a real cluster: run it with `make test-e2e`.

mod house;
