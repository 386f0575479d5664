//! One connection, from its first request to its last.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response};
use tokio::time::Instant;
use tower::Service;

use crate::phase::Phase;

use super::door::Place;

/// The service of one connection. Its end is announced on an answer and never comes as a surprise:
/// a request that meets a closing connection is lost, for the API server sends no POST twice.
#[derive(Clone, Debug)]
pub(super) struct Visit<S> {
    inner: S,
    end: Instant,
    phase: Arc<Phase>,
    _place: Arc<Place>,
}

impl<S> Visit<S> {
    pub(super) fn new(inner: S, place: Place, end: Instant, phase: Arc<Phase>) -> Self {
        Self {
            inner,
            end,
            phase,
            _place: Arc::new(place),
        }
    }
}

impl<S, B, R> Service<Request<B>> for Visit<S>
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<R>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let answer = self.inner.call(request);
        let (end, phase) = (self.end, self.phase.clone());
        Box::pin(async move {
            let mut answer = answer.await?;
            if phase.is_draining() || Instant::now() >= end {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(CONNECTION, close);
            }
            Ok(answer)
        })
    }
}
