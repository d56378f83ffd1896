//! An OpenID Provider with made-up users, to sign in at during development.

use aura_test_idp::{Account, Client, ClientSecret, Idp, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new("hello", ClientSecret::new("hello-secret"))
        .with_redirect_uri("http://localhost:3000/auth/callback/oidc")?;
    let provider = Idp::new("http://127.0.0.1:3001")?.client(client).accounts(Account::made_up());
    serve(TcpListener::bind("127.0.0.1:3001").await?, provider).await?;
    Ok(())
}
