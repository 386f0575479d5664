//! Asks pods for `verify`, and has everything else checked meanwhile.

use bluegreen_shared::application::Application;
use bluegreen_shared::objects::Objects;
use futures::future::{join_all, try_join_all};
use k8s_openapi::api::core::v1::{Pod, Service};
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::verify::{self, Command, Finding, Made, Side, Subject, Tried};

use super::Args;
use super::board::Board;
use super::checks::Whole;

/// What is verified, and with what.
pub(super) struct Work<'a> {
    pub(super) args: &'a Args,
    pub(super) context: &'a Context,
    pub(super) cluster: &'a Cluster,
    pub(super) objects: &'a Objects,
    pub(super) application: &'a Application<'a>,
    pub(super) role: &'a str,
    /// The pods of the environment.
    pub(super) pods: &'a [&'a Pod],
    /// When the time is up.
    pub(super) end: Option<Instant>,
}

impl Work<'_> {
    /// Asks those of the pods that were not asked yet, and checks the whole where that is still to
    /// be done, side by side; shows how far that is.
    pub(super) async fn ask(
        &self,
        fresh: &[&Pod],
        whole: Option<&Whole<'_>>,
        made: &Made,
    ) -> Result<(Vec<Tried>, Vec<Finding>), Failure> {
        let board = Board::new(&self.context.output, self.role, fresh.len());
        let asking = self.ask_pods(fresh, &board);
        let checking = async {
            match whole {
                Some(whole) => self.check(whole, made, &board).await,
                None => Ok(Vec::new()),
            }
        };
        let both = futures::future::try_join(Box::pin(asking), Box::pin(checking)).await;
        board.clear();
        both
    }

    async fn ask_pods(&self, fresh: &[&Pod], board: &Board<'_>) -> Result<Vec<Tried>, Failure> {
        let http = &self.args.http;
        let (asked, manner, rounds) = (http.asked(), http.manner(), http.rounds(self.end));
        let services = self.production();
        let tell = |tried: &Tried| board.tried(tried);
        verify::every(
            self.cluster,
            fresh,
            &services,
            &asked,
            &manner,
            &rounds,
            tell,
        )
        .await
    }

    async fn check(
        &self,
        whole: &Whole<'_>,
        made: &Made,
        board: &Board<'_>,
    ) -> Result<Vec<Finding>, Failure> {
        let asked = self.args.http.asked();
        let side = Side {
            cluster: self.cluster,
            application: &self.application.name,
            role: self.role,
            doors: verify::doors(self.role, self.pods, &self.production(), &asked),
        };
        let tests = self.tests();
        let services = &self.objects.services;
        let command = try_join_all(whole.command.iter().map(|command: &Command<'_>| {
            watched(board, command.subject(), command.run(&side, self.end))
        }));
        let jobs = try_join_all(whole.jobs.iter().map(|job| {
            let running = job.run(&side, services, &tests, made, self.end);
            watched(board, job.subject(), running)
        }));
        let queries = join_all(whole.queries().map(|(prometheus, query)| async {
            board.begins(query.subject());
            let finding = prometheus.watch(query, self.end).await;
            board.found(&finding);
            finding
        }));
        let queries = async { Ok(queries.await) };
        let (command, jobs, queries) = futures::future::try_join3(command, jobs, queries).await?;
        Ok(command.into_iter().chain(jobs).chain(queries).collect())
    }

    fn production(&self) -> Vec<&Service> {
        let production = self.application.production.iter();
        production.map(|production| production.service).collect()
    }

    /// The Services that are bound to the environment.
    fn tests(&self) -> Vec<&Service> {
        let bound = self.application.bound.iter();
        bound
            .filter(|bound| bound.role == self.role)
            .map(|bound| bound.service)
            .collect()
    }
}

async fn watched(
    board: &Board<'_>,
    subject: Subject,
    check: impl Future<Output = Result<Finding, Failure>>,
) -> Result<Finding, Failure> {
    board.begins(subject);
    let finding = check.await?;
    board.found(&finding);
    Ok(finding)
}
